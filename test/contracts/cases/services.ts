// Contract: the addresses and ports of Services: who may have which, and what stays when their type changes.
import * as assert from 'uvu/assert'
import { at, textAt, type Case, type Scope } from '../scope.ts'

function service(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { ports: [{ port: 80 }], ...spec },
  }
}

function fieldsOf(found: unknown): string[] {
  return Object.keys(at(found, 'spec') as object).sort()
}

async function refusal({ path, refused }: Scope, spec: object): Promise<string> {
  const status = await refused(422, 'POST', path('services'), { body: service('b', spec) })
  return textAt(status, 'message').replace('Service "b" is invalid: ', '')
}

const ofClusterIp = [
  ...['clusterIP', 'clusterIPs', 'internalTrafficPolicy', 'ipFamilies', 'ipFamilyPolicy', 'ports'],
  ...['sessionAffinity', 'type'],
]

export const serviceCases: Case[] = [
  ...['NodePort', 'LoadBalancer'].map((type): Case => ({
    title: `a Service of type ${type} becomes one of type ClusterIP without its ports on nodes`,
    async run({ path, post, patch }) {
      await post(path('services'), service('a', { type, externalTrafficPolicy: 'Local' }))
      const changed = await patch(path('services', 'a'), 'merge', { spec: { type: 'ClusterIP' } })
      assert.equal(fieldsOf(changed), ofClusterIp)
      assert.equal(at(changed, 'spec/ports'), [{ protocol: 'TCP', port: 80, targetPort: 80 }])
    },
  })),
  {
    title: 'a Service that points to a name has no address, and gets one when it does so no longer',
    async run({ path, post, patch }) {
      await post(path('services'), service('a'))
      const there = await patch(path('services', 'a'), 'merge', {
        spec: { type: 'ExternalName', externalName: 'example.test' },
      })
      assert.equal(fieldsOf(there), ['externalName', 'ports', 'sessionAffinity', 'type'])
      const back = await patch(path('services', 'a'), 'merge', {
        spec: { type: 'ClusterIP', externalName: null },
      })
      assert.equal(fieldsOf(back), ofClusterIp)
    },
  },
  {
    title:
      'what the former type had and the new one cannot have is Invalid when it was not the server who chose it',
    async run(scope) {
      const { path, post, refused } = scope
      const type = 'LoadBalancer'
      const ranges = { loadBalancerSourceRanges: ['10.0.0.0/8'] }
      await post(path('services'), service('a', { type, ...ranges }))
      const status = await refused(422, 'PATCH', path('services', 'a'), {
        body: { spec: { type: 'ClusterIP' } },
        contentType: 'application/merge-patch+json',
      })
      assert.match(textAt(status, 'message'), 'spec.LoadBalancerSourceRanges: Forbidden')
    },
  },
  {
    title:
      'a node port that another Service has is already allocated, and free when that one has gone',
    async run(scope) {
      const { path, post, remove } = scope
      const made = await post(path('services'), service('a', { type: 'NodePort' }))
      const nodePort = at(made, 'spec/ports/0/nodePort')
      const spec = { type: 'NodePort', ports: [{ port: 80, nodePort }] }
      assert.is(
        await refusal(scope, spec),
        `spec.ports[0].nodePort: Invalid value: ${String(nodePort)}: provided port is already allocated`,
      )
      await remove(path('services', 'a'))
      await post(path('services'), service('b', spec))
    },
  },
  {
    title: 'a node port has a range',
    async run(scope) {
      const says = await refusal(scope, { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })
      assert.is(
        says,
        'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
      )
    },
  },
  {
    title: 'two ports of a Service have two node ports',
    async run(scope) {
      const { path, post, remove } = scope
      const made = await post(path('services'), service('a', { type: 'NodePort' }))
      const nodePort = at(made, 'spec/ports/0/nodePort')
      await remove(path('services', 'a'))
      const ports = [80, 81].map((port) => ({ name: `p${port}`, port, nodePort }))
      const says = await refusal(scope, { type: 'NodePort', ports })
      assert.match(says, 'spec.ports[1].nodePort')
      assert.match(says, 'provided port is already allocated')
    },
  },
  {
    title: 'a cluster IP belongs to one Service, and to the range',
    async run(scope) {
      const { path, post } = scope
      const clusterIP = at(await post(path('services'), service('a')), 'spec/clusterIP')
      const says = async (ip: unknown): Promise<string> => refusal(scope, { clusterIP: ip })
      const failed = (ip: unknown): string =>
        `spec.clusterIPs: Invalid value: ["${String(ip)}"]: failed to allocate IP ${String(ip)}: `
      assert.is(await says(clusterIP), `${failed(clusterIP)}provided IP is already allocated`)
      assert.is(
        await says('1.2.3.4'),
        `${failed('1.2.3.4')}the provided network does not match the current range`,
      )
    },
  },
]
