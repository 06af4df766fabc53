import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyDefaults, prune, unknownFields } from '../../lib/sandbox/fill.ts'
import type { Schema } from '../../lib/sandbox/schema.ts'

const test = suite('what schemas leave and add')

const text: Schema = { type: 'string' }
const open: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
// A schema with one field, "spec".
const withSpec = (spec: Schema): Schema => ({ type: 'object', properties: { spec } })
const nested = withSpec({
  type: 'object',
  properties: { known: text, open: { ...open, properties: { inner: { type: 'object' } } } },
})

test('prune() drops what no property names, and keeps what is open', () => {
  const value = { spec: { known: 'a', stray: 1, open: { any: { x: 1 }, inner: { y: 1 } } } }
  assert.equal(prune(nested, value), { spec: { known: 'a', open: { any: { x: 1 }, inner: {} } } })
  assert.is(value.spec.stray, 1)
})

test('unknownFields() names what prune() drops', () => {
  assert.equal(unknownFields(nested, { spec: { stray: 1, open: { inner: { y: 1 } } }, more: 1 }), [
    'spec.stray',
    'spec.open.inner.y',
    'more',
  ])
})

test('prune() is not fooled by a member called __proto__', () => {
  const value = JSON.parse('{"spec": {"__proto__": {"polluted": true}}}') as object
  assert.equal(unknownFields(nested, value), ['spec.__proto__'])
  assert.is((prune(nested, value) as Record<string, unknown>)['polluted'], undefined)
})

test('applyDefaults() fills in what is missing, also within defaults and items', () => {
  const schema = withSpec({
    type: 'object',
    default: {},
    properties: {
      mode: { type: 'string', default: 'a' },
      list: {
        type: 'array',
        items: { type: 'object', properties: { n: { type: 'integer', default: 7 } } },
      },
    },
  })
  assert.equal(applyDefaults(schema, {}), { spec: { mode: 'a' } })
  assert.equal(applyDefaults(schema, { spec: { mode: 'b', list: [{}, { n: 1 }] } }), {
    spec: { mode: 'b', list: [{ n: 7 }, { n: 1 }] },
  })
})

test('applyDefaults() takes a null that is not allowed as absent', () => {
  const schema = withSpec({
    type: 'object',
    properties: {
      preset: { type: 'string', default: 'x' },
      plain: text,
      free: { type: 'string', nullable: true },
    },
  })
  assert.equal(applyDefaults(schema, { spec: { preset: null, plain: null, free: null } }), {
    spec: { preset: 'x', free: null },
  })
})

test.run()
