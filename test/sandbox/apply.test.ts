import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serverSideApply } from '../../lib/sandbox/apply.ts'
import { definitionsOf } from '../../lib/sandbox/crds.ts'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { recordUpdate } from '../../lib/sandbox/managed.ts'
import { StatusError, type Obj, type ResourceDefinition } from '../../lib/sandbox/types.ts'

const test = suite('serverSideApply()')

const definitions = builtinDefinitions()
const configMap = definitions.find(({ kind }) => kind === 'ConfigMap')!
const service = definitions.find(({ kind }) => kind === 'Service')!
const deployment = definitions.find(({ kind }) => kind === 'Deployment')!
const second = 1_000

type Step = { manager: string; force?: boolean; now?: number; subresource?: string }

function applied(
  definition: ResourceDefinition,
  live: Obj | undefined,
  { manager, force = false, now = 0, subresource }: Step,
  fields: { [field: string]: unknown },
): Obj {
  const { group, version, kind } = definition
  const apiVersion = group === '' ? version : `${group}/${version}`
  const { metadata, ...rest } = fields
  const object = {
    apiVersion,
    kind,
    metadata: { name: 'x', ...(metadata as object) },
    ...rest,
  } as Obj
  return serverSideApply({ definition, live, applied: object, manager, force, now, subresource })
}

function owners(object: Obj): { [manager: string]: unknown } {
  const entries = (object.metadata.managedFields ?? []) as { [field: string]: unknown }[]
  return Object.fromEntries(entries.map(({ manager, fieldsV1 }) => [manager, fieldsV1]))
}

function conflictOf(run: () => unknown): StatusError {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('there was no conflict')
}

const data = (values: Record<string, string>): { [field: string]: unknown } => ({ data: values })

test('claims what is applied, and nothing that names the object', () => {
  const object = applied(configMap, undefined, { manager: 'one' }, data({ x: '1' }))
  assert.equal(object.metadata.managedFields, [
    {
      manager: 'one',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '1970-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { 'f:x': {} } },
    },
  ])
})

test('refuses to change what another manager applied, and says what and whose', () => {
  const live = applied(configMap, undefined, { manager: 'one' }, data({ x: '1', y: '1' }))
  const error = conflictOf(() =>
    applied(configMap, live, { manager: 'two' }, data({ x: '2', y: '2' })),
  )
  assert.is(error.code, 409)
  assert.is(
    error.message,
    'Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\n- .data.y',
  )
  assert.equal(error.details?.['causes'], [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' },
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.y' },
  ])
})

test('names the version that another manager updated with, and the subresource', () => {
  const live = applied(configMap, undefined, { manager: 'one' }, data({ x: '1' }))
  const updated = recordUpdate({
    definition: configMap,
    before: live,
    after: { ...live, data: { x: '2' } } as Obj,
    manager: 'editor',
    now: 0,
  })
  const error = conflictOf(() => applied(configMap, updated, { manager: 'one' }, data({ x: '1' })))
  assert.is(error.message, 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.x')
})

test('takes over by force', () => {
  const live = applied(configMap, undefined, { manager: 'one' }, data({ x: '1', y: '1' }))
  const object = applied(configMap, live, { manager: 'two', force: true }, data({ x: '2' }))
  assert.equal(object['data'], { x: '2', y: '1' })
  assert.equal(owners(object), {
    one: { 'f:data': { 'f:y': {} } },
    two: { 'f:data': { 'f:x': {} } },
  })
})

test('shares what both apply with the same value, and keeps it until both have let go', () => {
  let live = applied(configMap, undefined, { manager: 'one' }, data({ x: '1' }))
  live = applied(configMap, live, { manager: 'two' }, data({ x: '1' }))
  live = applied(configMap, live, { manager: 'one' }, {})
  assert.equal(live['data'], { x: '1' })
  live = applied(configMap, live, { manager: 'two' }, {})
  assert.equal(Object.keys((live['data'] ?? {}) as object), [])
  assert.is(live.metadata.name, 'x')
})

test('removes what is applied no longer, and leaves alone what nobody applied', () => {
  const first = applied(configMap, undefined, { manager: 'one' }, data({ x: '1', y: '1' }))
  const live = { ...first, data: { ...(first['data'] as object), free: '1' } } as Obj
  const object = applied(configMap, live, { manager: 'one' }, data({ x: '1' }))
  assert.equal(object['data'], { x: '1', free: '1' })
})

test('keeps the time of the last change when nothing changes', () => {
  const live = applied(configMap, undefined, { manager: 'one' }, data({ x: '1' }))
  const same = applied(configMap, live, { manager: 'one', now: 60 * second }, data({ x: '1' }))
  assert.equal(same, live)
})

test('tells ports apart by number and protocol, TCP unless said', () => {
  const ports = [{ port: 53, protocol: 'UDP' }, { port: 53 }, { port: 80 }]
  const live = applied(service, undefined, { manager: 'helm' }, { spec: { ports } })
  const kept = applied(
    service,
    live,
    { manager: 'helm' },
    { spec: { ports: [ports[0], ports[2]] } },
  )
  assert.equal(kept['spec'], { ports: [ports[0], ports[2]] })
  assert.ok(JSON.stringify(owners(live)).includes('k:{\\"port\\":53,\\"protocol\\":\\"TCP\\"}'))
})

test('merges containers by name in the order of the configuration, others staying in place', () => {
  const container = (name: string, image = 'i') => ({ name, image })
  const template = (...containers: object[]) => ({ spec: { template: { spec: { containers } } } })
  const first = template(container('a'), container('b'), container('c'))
  const live = applied(deployment, undefined, { manager: 'one' }, first)
  const two = template(container('c'), container('d'), container('a'))
  const object = applied(deployment, live, { manager: 'two' }, two)
  const spec = object['spec'] as { template: { spec: { containers: { name: string }[] } } }
  assert.equal(spec.template.spec.containers.map(({ name }) => name).join(''), 'bcda')
})

test('owns selectors and lists without keys as a whole', () => {
  const spec = { selector: { a: 'b' }, externalIPs: ['10.0.0.1'] }
  assert.equal(owners(applied(service, undefined, { manager: 'helm' }, { spec })), {
    helm: { 'f:spec': { 'f:selector': {}, 'f:externalIPs': {} } },
  })
})

test('does not own the status but through its subresource', () => {
  const fields = { spec: { replicas: 1 }, status: { replicas: 1 } }
  assert.equal(owners(applied(deployment, undefined, { manager: 'one' }, fields)), {
    one: { 'f:spec': { 'f:replicas': {} } },
  })
  const step = { manager: 'one', subresource: 'status' }
  assert.equal(owners(applied(deployment, undefined, step, fields)), {
    one: { 'f:status': { 'f:replicas': {} } },
  })
})

test('lets kubectl go over from its client-side apply without a conflict', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const created = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', annotations: { [annotation]: '{"data":{"x":"1"}}' } },
    data: { x: '1', y: '1' },
  } as unknown as Obj
  const live = recordUpdate({
    definition: configMap,
    before: undefined,
    after: created,
    manager: 'kubectl-client-side-apply',
    now: 0,
  })
  assert.equal(applied(configMap, live, { manager: 'kubectl' }, data({ x: '2' }))['data'], {
    x: '2',
    y: '1',
  })
  const error = conflictOf(() => applied(configMap, live, { manager: 'kubectl' }, data({ y: '2' })))
  assert.match(error.message, 'conflict with "kubectl-client-side-apply" using v1: .data.y')
  const edited = { ...live, data: { x: '9', y: '1' } } as Obj
  conflictOf(() => applied(configMap, edited, { manager: 'kubectl' }, data({ x: '1' })))
})

test('treats an object without managers as somebody’s from before', () => {
  const live = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x' },
    data: { x: '1' },
  } as Obj
  const error = conflictOf(() => applied(configMap, live, { manager: 'one' }, data({ x: '2' })))
  assert.match(error.message, 'conflict with "before-first-apply" using v1: .data.x')
})

test('refuses a configuration that brings its own managers', () => {
  const metadata = { managedFields: [] }
  const error = conflictOf(() => applied(configMap, undefined, { manager: 'one' }, { metadata }))
  assert.is(error.code, 400)
})

test('goes into open maps of custom kinds field by field', () => {
  const values = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { values } } },
  }
  const crd = {
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'releases', kind: 'Release' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  }
  const [definition] = definitionsOf(crd as unknown as Obj)
  const spec = { values: { image: { tag: '1', args: ['a'] } } }
  const live = applied(definition!, undefined, { manager: 'one' }, { spec })
  assert.equal(owners(live), {
    one: { 'f:spec': { 'f:values': { 'f:image': { '.': {}, 'f:args': {}, 'f:tag': {} } } } },
  })
  const object = applied(
    definition!,
    live,
    { manager: 'two' },
    { spec: { values: { replicas: 2 } } },
  )
  assert.equal(object['spec'], { values: { image: { tag: '1', args: ['a'] }, replicas: 2 } })
})

test.run()
