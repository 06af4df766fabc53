// Contract: what the server refuses in its own kinds, beyond types and required fields, and how it says so.
import { Buffer } from 'node:buffer'
import * as assert from 'uvu/assert'
import { at, textAt, type Case } from '../scope.ts'

type Refusal = {
  what: string
  resource: [plural: string, groupVersion: string, kind: string]
  more: object
  says: string
}

const configMaps: Refusal['resource'] = ['configmaps', 'v1', 'ConfigMap']
const deployments: Refusal['resource'] = ['deployments', 'apps/v1', 'Deployment']
const services: Refusal['resource'] = ['services', 'v1', 'Service']

const labels = { a: 'b' }
const container = { name: 'c', image: 'i' }

function spec(pod: object, more: object = {}): object {
  const template = { metadata: { labels }, spec: { containers: [container], ...pod } }
  return { spec: { replicas: 0, selector: { matchLabels: labels }, template, ...more } }
}

function withContainer(more: object): object {
  return spec({ containers: [{ ...container, ...more }] })
}

const inContainer = 'spec.template.spec.containers[0]'
const configKey = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`
const keyName = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`
const portRange = 'must be between 1 and 65535, inclusive'

const refusals: Refusal[] = [
  {
    what: 'a selector that does not select the template',
    resource: deployments,
    more: spec({}, { selector: { matchLabels: { a: 'c' } } }),
    says: 'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
  },
  {
    what: 'an empty selector',
    resource: deployments,
    more: spec({}, { selector: {} }),
    says: 'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  },
  {
    what: 'fewer than no replicas',
    resource: deployments,
    more: spec({}, { replicas: -1 }),
    says: 'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    what: 'a template without containers',
    resource: deployments,
    more: spec({ containers: [] }),
    says: 'spec.template.spec.containers: Required value',
  },
  {
    what: 'a container without an image',
    resource: deployments,
    more: spec({ containers: [{ name: 'c' }] }),
    says: `${inContainer}.image: Required value`,
  },
  {
    what: 'two containers of one name',
    resource: deployments,
    more: spec({ containers: [container, container] }),
    says: 'spec.template.spec.containers[1].name: Duplicate value: "c"',
  },
  {
    what: 'a mount of a volume that is not there',
    resource: deployments,
    more: withContainer({ volumeMounts: [{ name: 'v', mountPath: '/x' }] }),
    says: `${inContainer}.volumeMounts[0].name: Not found: "v"`,
  },
  {
    what: 'a request above its limit',
    resource: deployments,
    more: withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    says: `${inContainer}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`,
  },
  {
    what: 'a restartPolicy that a Deployment cannot have',
    resource: deployments,
    more: spec({ restartPolicy: 'Never' }),
    says: 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  },
  {
    what: 'Recreate with limits of a rolling update',
    resource: deployments,
    more: spec({}, { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    says: "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  },
  {
    what: 'a rolling update that may not move',
    resource: deployments,
    more: spec({}, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    says: 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  },
  {
    what: 'a Job that would restart for ever',
    resource: ['jobs', 'batch/v1', 'Job'],
    more: { spec: { template: { spec: { containers: [container] } } } },
    says: 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  },
  {
    what: 'a Service without ports',
    resource: services,
    more: { spec: {} },
    says: 'spec.ports: Required value',
  },
  {
    what: 'a port out of range',
    resource: services,
    more: { spec: { ports: [{ port: 70_000 }] } },
    says: `[spec.ports[0].port: Invalid value: 70000: ${portRange}, spec.ports[0].targetPort: Invalid value: 70000: ${portRange}]`,
  },
  {
    what: 'two ports without names',
    resource: services,
    more: { spec: { ports: [{ port: 1 }, { port: 2 }] } },
    says: '[spec.ports[0].name: Required value, spec.ports[1].name: Required value]',
  },
  {
    what: 'a key that is no file name',
    resource: configMaps,
    more: { data: { 'a b': '1' } },
    says: `data[a b]: Invalid value: "a b": ${configKey}`,
  },
  {
    what: 'a Secret of more than 1 MiB',
    resource: ['secrets', 'v1', 'Secret'],
    more: { data: { release: Buffer.alloc(1_100_000).toString('base64') } },
    says: 'data: Too long: may not be more than 1048576 bytes',
  },
  {
    what: 'a ConfigMap of more than 1 MiB',
    resource: configMaps,
    more: { data: { values: 'x'.repeat(1_100_000) } },
    says: '[]: Too long: may not be more than 1048576 bytes',
  },
  {
    what: 'a TLS Secret without its parts',
    resource: ['secrets', 'v1', 'Secret'],
    more: { type: 'kubernetes.io/tls', data: {} },
    says: '[data[tls.crt]: Required value, data[tls.key]: Required value]',
  },
  {
    what: 'an Ingress that leads nowhere',
    resource: ['ingresses', 'networking.k8s.io/v1', 'Ingress'],
    more: { spec: {} },
    says: 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
  },
  {
    what: 'a claim of nothing',
    resource: ['persistentvolumeclaims', 'v1', 'PersistentVolumeClaim'],
    more: { spec: {} },
    says: '[spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]',
  },
  {
    what: 'an autoscaler whose bounds are crossed',
    resource: ['horizontalpodautoscalers', 'autoscaling/v2', 'HorizontalPodAutoscaler'],
    more: {
      spec: {
        minReplicas: 5,
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
      },
    },
    says: 'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
  },
  {
    what: 'a label with two slashes',
    resource: configMaps,
    more: { metadata: { name: 'a', labels: { 'a/b/c': 'd' } } },
    says: `metadata.labels: Invalid value: "a/b/c": a valid label key ${keyName} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
  },
  {
    what: 'a label with nothing before its slash',
    resource: configMaps,
    more: { metadata: { name: 'a', labels: { '/b': 'c' } } },
    says: 'metadata.labels: Invalid value: "/b": prefix part must be non-empty',
  },
  {
    what: 'an annotation with a space in its name, whatever its case,',
    resource: configMaps,
    more: { metadata: { name: 'a', annotations: { 'EXAMPLE.com/A B': 'c' } } },
    says: `metadata.annotations: Invalid value: "EXAMPLE.com/A B": name part ${keyName}`,
  },
  {
    what: 'a finalizer without a domain',
    resource: configMaps,
    more: { metadata: { name: 'a', finalizers: ['mine'] } },
    says: 'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  },
  {
    what: 'an owner without a uid',
    resource: configMaps,
    more: {
      metadata: {
        name: 'a',
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x' }],
      },
    },
    says: 'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  },
]

export const ruleCases: Case[] = [
  ...refusals.map(({ what, resource: [plural, groupVersion, kind], more, says }): Case => ({
    title: `${what} is Invalid`,
    async run({ path, refused }) {
      const body = { apiVersion: groupVersion, kind, metadata: { name: 'a' }, ...more }
      const status = await refused(422, 'POST', path(plural, undefined, groupVersion), { body })
      assert.is(textAt(status, 'message').replace(/^\S+ "a" is invalid: /, ''), says)
      assert.is(at(status, 'reason'), 'Invalid')
    },
  })),
  {
    title: 'names that come twice in env are accepted, as charts have them',
    async run({ path, post }) {
      const env = [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ]
      const body = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        ...withContainer({ env }),
      }
      const made = await post(path('deployments', undefined, 'apps/v1'), body)
      assert.equal(at(made, 'spec/template/spec/containers/0/env'), env)
    },
  },
  {
    title: 'data of a Secret that is no base64 is a BadRequest',
    async run({ path, refused }) {
      const body = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a' },
        data: { a: 'not base64!' },
      }
      const status = await refused(400, 'POST', path('secrets'), { body })
      assert.is(
        at(status, 'message'),
        'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 3',
      )
    },
  },
]
