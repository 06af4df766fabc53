import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Schema } from '../../lib/sandbox/schema.ts'
import { validate } from '../../lib/sandbox/structural.ts'

const test = suite('validate()')

const text: Schema = { type: 'string' }

// A schema with one field, "spec".
function withSpec(spec: Schema): Schema {
  return { type: 'object', properties: { spec } }
}

for (const [situation, schema, value, expected] of [
  [
    'an integer that is text',
    { type: 'integer' },
    'x',
    'spec in body must be of type integer: "string"',
  ],
  ['a fraction', { type: 'integer' }, 1.5, 'spec in body must be of type integer: "number"'],
  ['an object for a list', { type: 'array' }, {}, 'spec in body must be of type array: "object"'],
  ['a null', text, null, 'spec in body must be of type string: "null"'],
  [
    'neither number nor text',
    { 'x-kubernetes-int-or-string': true },
    true,
    'type integer,string: "boolean"',
  ],
  [
    'too small a number',
    { type: 'integer', minimum: 1 },
    0,
    'should be greater than or equal to 1',
  ],
  [
    'a bound itself',
    { type: 'integer', minimum: 1, exclusiveMinimum: true },
    1,
    'should be greater than 1',
  ],
  ['too large a number', { type: 'number', maximum: 3 }, 9, 'should be less than or equal to 3'],
  ['no multiple', { type: 'integer', multipleOf: 2 }, 3, 'should be a multiple of 2'],
  [
    'too long a text',
    { type: 'string', maxLength: 2 },
    'abc',
    'Too long: may not be more than 2 bytes',
  ],
  ['too short a text', { type: 'string', minLength: 2 }, 'a', 'should be at least 2 chars long'],
  [
    'a text of another pattern',
    { type: 'string', pattern: '^[a-z]+$' },
    'A',
    "should match '^[a-z]+$'",
  ],
  [
    'no time',
    { type: 'string', format: 'date-time' },
    'never',
    'must be of type date-time: "never"',
  ],
  [
    'another choice',
    { type: 'string', enum: ['a', 'b'] },
    'c',
    'Unsupported value: "c": supported values: "a", "b"',
  ],
  [
    'too many items',
    { type: 'array', maxItems: 1 },
    [1, 2],
    'Too many: 2: must have at most 1 items',
  ],
  ['too few items', { type: 'array', minItems: 1 }, [], 'should have at least 1 items'],
  [
    'a set with the same twice',
    { type: 'array', 'x-kubernetes-list-type': 'set' },
    ['x', 'x'],
    'Duplicate value: "x"',
  ],
  [
    'a member of an open map',
    { type: 'object', additionalProperties: { type: 'integer' } },
    { a: 'x' },
    'spec.a in body must be of type integer',
  ],
  [
    'none of the alternatives',
    { anyOf: [{ required: ['a'] }] },
    {},
    '"spec" must validate at least one schema (anyOf)',
  ],
  [
    'two of one alternative',
    { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    'Found 2 valid alternatives',
  ],
  [
    'a schema of all',
    { allOf: [{ required: ['a'] }] },
    {},
    '"spec" must validate all the schemas (allOf)',
  ],
  [
    'what must not be',
    { not: { required: ['a'] } },
    { a: 1 },
    '"spec" must not validate the schema (not)',
  ],
] as const) {
  test(`validate() refuses ${situation}`, () => {
    const causes = validate(withSpec(schema as unknown as Schema), { spec: value })
    assert.ok(
      causes.some(({ message }) => message.includes(expected)),
      JSON.stringify(causes),
    )
  })
}

test('validate() says which required field is missing, however deep', () => {
  const item: Schema = { type: 'object', required: ['name'], properties: { name: text } }
  const schema = withSpec({ type: 'object', properties: { list: { type: 'array', items: item } } })
  assert.equal(validate(schema, { spec: { list: [{ name: 'a' }, {}] } }), [
    { field: 'spec.list[1].name', reason: 'FieldValueRequired', message: 'Required value' },
  ])
})

test('validate() compares the items of a map list by their keys alone, defaults included', () => {
  const item: Schema = {
    type: 'object',
    properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
  }
  const schema = withSpec({
    type: 'array',
    items: item,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['port', 'protocol'],
  })
  const causes = validate(schema, {
    spec: [{ port: 1 }, { port: 1, protocol: 'UDP' }, { port: 1, protocol: 'TCP' }],
  })
  assert.equal(
    causes.map(({ field, message }) => `${field}: ${message}`),
    ['spec[2]: Duplicate value: {"port":1,"protocol":"TCP"}'],
  )
})

test('validate() accepts a null where it is allowed, and an integer as a number', () => {
  assert.equal(validate(withSpec({ type: 'string', nullable: true }), { spec: null }), [])
  assert.equal(validate(withSpec({ type: 'number' }), { spec: 3 }), [])
})

test.run()
