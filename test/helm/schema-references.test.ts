import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findSchemaReferences } from '../../lib/helm/schema-references.ts'

const test = suite('findSchemaReferences()')

function find(schema: unknown) {
  return findSchemaReferences(Buffer.from(JSON.stringify(schema)))
}

const property = (ref: string, over = {}) => ({ properties: { a: { $ref: ref } }, ...over })

for (const [situation, schema] of [
  ['no reference', { type: 'object' }],
  ['references within it', property('#/definitions/x')],
  ['the name of its draft', { $schema: 'http://json-schema.org/draft-07/schema#' }],
  ['the name of a later draft', { $schema: 'https://json-schema.org/draft/2020-12/schema' }],
  ['a URN, which Helm does not load', property('urn:x:y')],
  ['a property that is called $ref', { properties: { $ref: { type: 'string' } } }],
  ['nothing but true', true],
] as const)
  test(`finds nothing in a schema with ${situation}`, () => {
    assert.equal(find(schema), { urls: [] })
  })

for (const [situation, schema, file] of [
  ['a file', property('file:///etc/x'), 'file:///etc/x'],
  ['a file in another spelling', property(' FILE:/etc/x'), ' FILE:/etc/x'],
  ['a path', property('/etc/x'), '/etc/x'],
  ['a name, which is relative to a file', property('x.json'), 'x.json'],
  ['a file as base', property('x', { $id: 'file:///etc/' }), 'file:///etc/'],
  ['a file as base of a part', { allOf: [{ $id: 'file:///etc/' }] }, 'file:///etc/'],
  ['a file as its draft', { $schema: 'file:///etc/x' }, 'file:///etc/x'],
  [
    'a base that its draft does not know',
    property('x', { $id: 'http://a/', $schema: 'http://json-schema.org/draft-04/schema#' }),
    'x',
  ],
  ['a base beside a reference', { $id: 'http://a/', $ref: 'x' }, 'x'],
] as const)
  test(`finds the file that Helm would read in a schema with ${situation}`, () => {
    assert.is(find(schema).file, file)
  })

test('finds one URL for each host, also behind a base, without calling itself', () => {
  const deep = { $id: 'https://a/b/', allOf: [property('../c'), property('//d/e')] }
  let schema: unknown = [deep, property('http://f:81/x'), property('HTTP://F:81/y')]
  for (let level = 0; level < 20_000; level++) schema = [schema]
  const text = `{"$id":"https://a/b/","allOf":${JSON.stringify([deep]).slice(0, -1)}]}`
  assert.equal(findSchemaReferences(Buffer.from(text)).urls, ['https://a/c', 'https://d/e'])
  const wide = `{"x":${'['.repeat(20_000)}{"$ref":"http://f:81/x"}${']'.repeat(20_000)}}`
  assert.equal(findSchemaReferences(Buffer.from(wide)).urls, ['http://f:81/x'])
  assert.ok(schema)
})

test('takes a reference before a mistake for one to a file, because Helm reads as far as that', () => {
  for (const text of ['{"$ref":"file:///x"} x', '{"\\u0024ref":"file:///x"} x'])
    assert.ok(findSchemaReferences(Buffer.from(text)).file, text)
  assert.equal(findSchemaReferences(Buffer.from('')), { urls: [] })
})

test.run()
