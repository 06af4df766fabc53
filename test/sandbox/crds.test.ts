import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { definitionsOf, validateCrd } from '../../lib/sandbox/crds.ts'
import type { Schema } from '../../lib/sandbox/schema.ts'
import { prune } from '../../lib/sandbox/fill.ts'
import { validate } from '../../lib/sandbox/structural.ts'
import type { Obj } from '../../lib/sandbox/types.ts'

const test = suite('custom resource definitions')

const names = { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' }
const plain: Schema = { type: 'object', properties: { spec: { type: 'object' } } }

function crd(spec: { [field: string]: unknown } = {}, schema: Schema = plain): Obj {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { ...names, shortNames: ['wd'] },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      ...spec,
    },
  }
}

function fieldsOf(object: Obj): string[] {
  return validateCrd(object).map(({ field }) => field)
}

test('definitionsOf() answers one kind for each served version', () => {
  const version = { storage: false, schema: { openAPIV3Schema: plain } }
  const versions = [
    { ...version, name: 'v1', served: true, storage: true, subresources: { status: {} } },
    { ...version, name: 'v1beta1', served: true },
    { ...version, name: 'v1alpha1', served: false },
  ]
  const found = definitionsOf(crd({ versions }))
  assert.equal(
    found.map(({ version, subresources }) => [version, subresources]),
    [
      ['v1', ['status']],
      ['v1beta1', []],
    ],
  )
  assert.is(found[0]!.listKind, 'WidgetList')
  assert.is(found[0]!.singular, 'widget')
  assert.is(found[0]!.columns[0]!.jsonPath, '.metadata.creationTimestamp')
})

test('definitionsOf() completes the schema with what every object has', () => {
  const [definition] = definitionsOf(crd())
  const object = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a', bogus: 1 } }
  assert.equal(prune(definition!.schema, object), { ...object, metadata: { name: 'a' } })
})

test('definitionsOf() keeps the rules that an author makes for names', () => {
  const named: Schema = {
    type: 'object',
    properties: {
      metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 3 } } },
    },
  }
  const [definition] = definitionsOf(crd({}, named))
  const [cause] = validate(definition!.schema, { metadata: { name: 'long', labels: { a: 'b' } } })
  assert.is(cause?.field, 'metadata.name')
})

test('an object within the object keeps its type and metadata and needs the type', () => {
  const embedding: Schema = {
    type: 'object',
    properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true } },
  }
  const [definition] = definitionsOf(crd({}, embedding))
  const template = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', bogus: 1 }, spec: {} }
  assert.equal(prune(definition!.schema, { template }), {
    template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
  })
  assert.equal(
    validate(definition!.schema, { template: {} }).map(({ field }) => field),
    ['template.apiVersion', 'template.kind'],
  )
})

test('validateCrd() accepts a structural schema', () => {
  assert.equal(validateCrd(crd()), [])
})

for (const [situation, spec, field] of [
  [
    'a name that is not plural and group',
    { names: { ...names, plural: 'gadgets' } },
    'metadata.name',
  ],
  ['a group without a dot', { group: 'example' }, 'spec.group'],
  ['an unknown scope', { scope: 'Global' }, 'spec.scope'],
  ['no stored version', { versions: [] }, 'spec.versions'],
  [
    'a version without a schema',
    { versions: [{ name: 'v1', served: true, storage: true }] },
    'spec.versions[0].schema.openAPIV3Schema',
  ],
] as const) {
  test(`validateCrd() refuses ${situation}`, () => assert.ok(fieldsOf(crd(spec)).includes(field)))
}

for (const [situation, property, field] of [
  ['a field without a type', {}, '.properties[f].type'],
  ['a list without items', { type: 'array' }, '.properties[f].items'],
  [
    'properties beside additional ones',
    { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
    '.properties[f].additionalProperties',
  ],
  [
    'unique items',
    { type: 'array', items: { type: 'string' }, uniqueItems: true },
    '.properties[f].uniqueItems',
  ],
  ['a reference', { $ref: '#/x', type: 'string' }, '.properties[f].$ref'],
  [
    'a map list without keys',
    { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' },
    '.properties[f].x-kubernetes-list-map-keys',
  ],
  ['a default of another type', { type: 'integer', default: 'x' }, '.properties[f].default'],
] as const) {
  test(`validateCrd() refuses ${situation}`, () => {
    const schema = { type: 'object', properties: { f: property } } as unknown as Schema
    const root = 'spec.validation.openAPIV3Schema'
    assert.ok(fieldsOf(crd({}, schema)).includes(root + field), String(fieldsOf(crd({}, schema))))
  })
}

test('validateCrd() says in which of several schemas a mistake is', () => {
  const version = (name: string, storage: boolean, schema: object): object => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: schema },
  })
  const versions = [version('v1', true, plain), version('v2', false, { type: 'string' })]
  assert.equal(fieldsOf(crd({ versions })), ['spec.versions[1].schema.openAPIV3Schema.type'])
})

test('validateCrd() refuses metadata with more than names, and types within alternatives', () => {
  const metadata = { type: 'object', properties: { labels: { type: 'object' } } }
  const f = { type: 'object', oneOf: [{ properties: { a: { type: 'string' } } }] }
  const schema = { type: 'object', properties: { metadata, f } } as unknown as Schema
  const root = 'spec.validation.openAPIV3Schema.properties'
  assert.equal(fieldsOf(crd({}, schema)).sort(), [
    `${root}[f].oneOf[0].properties[a].type`,
    `${root}[metadata]`,
  ])
})

test.run()
