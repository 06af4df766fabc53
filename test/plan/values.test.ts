import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { composeValues, mayBeSecret } from '../../lib/plan/values.ts'
import type { JsonObject } from '../../lib/model/json.ts'

const test = suite('values')

for (const [what, sources, inline, expected] of [
  ['nothing', [], {}, {}],
  ['only inline ones', [], { a: 1 }, { a: 1 }],
  ['sources in their order', [{ a: 1, b: 1 }, { b: 2 }, { c: 3 }], { c: 4 }, { a: 1, b: 2, c: 4 }],
  // The vectors of fluxcd/helm-operator.
  [
    'maps merge, lists and null replace',
    [{ a: { b: 1, c: [1] } }],
    { a: { c: [2], d: null } },
    { a: { b: 1, c: [2], d: null } },
  ],
  ['a map replaces a scalar', [{ a: 1 }], { a: { b: 1 } }, { a: { b: 1 } }],
  ['a scalar replaces a map', [{ a: { b: 1 } }], { a: 1 }, { a: 1 }],
  ['null replaces a map, and stays', [{ a: { b: 1 } }], { a: null }, { a: null }],
  ['a map replaces null', [{ a: null }], { a: { b: 1 } }, { a: { b: 1 } }],
  ['an empty map changes nothing', [{ a: { b: 1 } }], { a: {} }, { a: { b: 1 } }],
] as const) {
  test(`composeValues(): ${what}`, () => {
    const given = structuredClone(sources) as unknown as JsonObject[]
    assert.equal(composeValues(given, structuredClone(inline) as JsonObject), expected)
    assert.equal(given, sources)
  })
}

test('composeValues() adds members called like those of every object', () => {
  const document = JSON.parse('{"__proto__":{"a":1},"constructor":{"b":1}}') as JsonObject
  const composed = composeValues([document], {})
  assert.is(JSON.stringify(composed), JSON.stringify(document))
  assert.is(({} as { a?: number }).a, undefined)
})

for (const [what, reference, expected] of [
  ['a Secret', { kind: 'Secret', namespace: 'shop', name: 'a', key: 'b', optional: false }, true],
  ['a URL', { kind: 'url', url: 'https://values.example.test', optional: false }, true],
  [
    'a ConfigMap',
    { kind: 'ConfigMap', namespace: 'shop', name: 'a', key: 'b', optional: false },
    false,
  ],
  ['a file of the chart', { kind: 'chartFile', path: 'values.yaml', optional: false }, false],
] as const)
  test(`mayBeSecret(): values from ${what} ${expected ? 'may be secret' : 'are for everybody'}`, () => {
    assert.is(mayBeSecret(reference), expected)
  })

test.run()
