import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import type { Schema } from '../../lib/sandbox/schema.ts'

const test = suite('builtinDefinitions()')
const definitions = builtinDefinitions()

function definition(plural: string, group = '') {
  return definitions.find((one) => one.plural === plural && one.group === group)!
}

function schemaAt(schema: unknown, ...path: string[]): Schema {
  let at = schema as Schema
  for (const step of path)
    at = (step === '[]' ? at['items'] : (at['properties'] as Schema)[step]) as Schema
  return at
}

test('compiles every type that any kind refers to', () => {
  assert.ok(definitions.length > 50)
  for (const { kind, schema } of definitions) assert.ok(schema, kind)
})

test('names a kind as kubectl users do', () => {
  const { shortNames, categories, namespaced, subresources, listKind, singular } = definition(
    'deployments',
    'apps',
  )
  assert.equal(
    { shortNames, categories, namespaced, subresources, listKind, singular },
    {
      shortNames: ['deploy'],
      categories: ['all'],
      namespaced: true,
      subresources: ['status', 'scale'],
      listKind: 'DeploymentList',
      singular: 'deployment',
    },
  )
})

test('lets nobody delete all namespaces at once, nor read a review', () => {
  assert.not(definition('namespaces').verbs.includes('deletecollection'))
  assert.equal(definition('tokenreviews', 'authentication.k8s.io').verbs, ['create'])
})

test('offers autoscaling/v2 before v1', () => {
  const versions = definitions
    .filter(({ group }) => group === 'autoscaling')
    .map(({ version }) => version)
  assert.equal(versions, ['v2', 'v1'])
})

test('keys the ports of a container by number and protocol, in strategic merge by number', () => {
  const ports = schemaAt(
    definition('deployments', 'apps').schema,
    ...['spec', 'template', 'spec', 'containers', '[]', 'ports'],
  )
  assert.equal(ports['x-kubernetes-list-map-keys'], ['containerPort', 'protocol'])
  assert.is(ports['x-kubernetes-patch-merge-key'], 'containerPort')
  assert.is(schemaAt(ports, '[]', 'protocol')['default'], 'TCP')
})

test('gives a claim template within a StatefulSet its metadata', () => {
  const template = schemaAt(
    definition('statefulsets', 'apps').schema,
    ...['spec', 'volumeClaimTemplates', '[]'],
  )
  assert.ok(schemaAt(template, 'metadata', 'labels'))
})

test('takes over the fields of another type', () => {
  const ephemeral = schemaAt(definition('pods').schema, 'spec', 'ephemeralContainers', '[]')
  assert.ok(schemaAt(ephemeral, 'livenessProbe'))
  assert.ok(schemaAt(ephemeral, 'targetContainerName'))
})

test.run()
