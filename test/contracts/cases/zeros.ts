// Contract: what becomes of null in lists and maps of built-in kinds: the zero value of its type, which is then checked.
import * as assert from 'uvu/assert'
import { deployment } from '../manifests.ts'
import { at, configMap, textAt, type Case } from '../scope.ts'

const idle = { replicas: 0 }

// A template renders `- {{ .Values.extra }}` without a value as null.
const refused: [what: string, container: object, says: string][] = [
  ['env', { env: [null] }, 'env[0].name: Required value'],
  ['ports', { ports: [null] }, 'ports[0].containerPort: Required value'],
  [
    'envFrom',
    { envFrom: [null] },
    'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
]

export const zeroCases: Case[] = [
  ...refused.map(([what, container, says]): Case => ({
    title: `null in ${what} of a container is Invalid, as an item without fields is`,
    async run({ path, refused }) {
      const body = deployment('web', idle, container)
      const status = await refused(422, 'POST', path('deployments', undefined, 'apps/v1'), {
        body,
      })
      assert.is(
        at(status, 'message'),
        `Deployment.apps "web" is invalid: spec.template.spec.containers[0].${says}`,
      )
    },
  })),
  {
    title: 'null among containers, volumes and ports of a Service is Invalid',
    async run({ path, refused }) {
      const message = async (plural: string, body: object): Promise<string> =>
        textAt(await refused(422, 'POST', path(plural), { body }), 'message')
      const named = { apiVersion: 'v1', metadata: { name: 'a' } }
      assert.is(
        await message('pods', { ...named, kind: 'Pod', spec: { containers: [null] } }),
        'Pod "a" is invalid: [spec.containers[0].name: Required value, spec.containers[0].image: Required value]',
      )
      const range = 'must be between 1 and 65535, inclusive'
      assert.is(
        await message('services', { ...named, kind: 'Service', spec: { ports: [null] } }),
        `Service "a" is invalid: [spec.ports[0].port: Invalid value: 0: ${range}, spec.ports[0].targetPort: Invalid value: 0: ${range}]`,
      )
    },
  },
  {
    title:
      'null among strings is the empty string, among quantities 0, among rules of an Ingress no rule',
    async run({ path, post }) {
      const body = deployment('web', idle, { args: [null], resources: { limits: { cpu: null } } })
      const made = await post(path('deployments', undefined, 'apps/v1'), body)
      const container = at(made, 'spec/template/spec/containers/0')
      assert.equal(
        [at(container, 'args'), at(container, 'resources')],
        [[''], { limits: { cpu: '0' } }],
      )
      const map = await post(path('configmaps'), configMap('a', { data: { a: null } }))
      assert.equal(at(map, 'data'), { a: '' })
      const ingress = await post(path('ingresses', undefined, 'networking.k8s.io/v1'), {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: { name: 'a' },
        spec: { rules: [null] },
      })
      assert.equal(at(ingress, 'spec'), { rules: [{}] })
    },
  },
  {
    title: 'null among owners and finalizers is Invalid',
    async run({ path, refused }) {
      const metadata = { name: 'a', ownerReferences: [null], finalizers: [null] }
      const body = configMap('a', { metadata })
      const status = await refused(422, 'POST', path('configmaps'), { body })
      assert.match(textAt(status, 'message'), 'metadata.ownerReferences.uid: Invalid value: ""')
      assert.match(textAt(status, 'message'), 'metadata.finalizers[0]: Invalid value: ""')
    },
  },
]
