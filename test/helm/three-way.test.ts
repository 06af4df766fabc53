import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { upgradePatch } from '../../lib/helm/three-way.ts'
import type { JsonObject } from '../../lib/model/json.ts'

const test = suite('upgradePatch()')

const env = (item: JsonObject): JsonObject => ({ env: [{ name: 'a', ...item }] })
const strategy = (value: JsonObject): JsonObject => ({ spec: { strategy: value } })
const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } }

for (const [what, before, wanted, live, patch] of [
  ['changes nothing where all is as wanted', { a: 1 }, { a: 1 }, { a: 1, filledIn: 2 }, undefined],
  ['brings what is new', {}, { a: 1, b: { c: 2 } }, { a: 1 }, { b: { c: 2 } }],
  ['removes what the chart has given up', { a: 1, b: 2 }, { a: 1 }, { a: 1, b: 2 }, { b: null }],
  ['leaves what others have added', { a: 1 }, { a: 2 }, { a: 1, b: 2 }, { a: 2 }],
  ['takes null for what is not to be there', {}, { a: null }, { a: 1 }, { a: null }],
  [
    'leaves alone a list that the chart has not changed',
    { a: [1] },
    { a: [1] },
    { a: [1, 2] },
    undefined,
  ],
  ['replaces a list of other things', { a: [1] }, { a: [2] }, { a: [1, 3] }, { a: [2] }],
  [
    'replaces one kind of source by another in a list with names',
    env({ value: 'x' }),
    env({ valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }),
    env({ value: 'x' }),
    env({ valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }),
  ],
  [
    'keeps defaults of an item that has a name, and items of others',
    { containers: [{ name: 'a', image: '1' }] },
    { containers: [{ name: 'a', image: '2' }] },
    { containers: [{ name: 'a', image: '1', pullPolicy: 'Always' }, { name: 'sidecar' }] },
    { containers: [{ name: 'a', image: '2', pullPolicy: 'Always' }, { name: 'sidecar' }] },
  ],
  [
    'drops an item that the chart has given up',
    { volumes: [{ name: 'a' }, { name: 'b' }] },
    { volumes: [{ name: 'b' }] },
    { volumes: [{ name: 'a' }, { name: 'b' }] },
    { volumes: [{ name: 'b' }] },
  ],
  [
    'retains of a volume and of a strategy what is wanted only',
    { volumes: [{ name: 'a', emptyDir: {} }] },
    { volumes: [{ name: 'a', configMap: { name: 'c' } }] },
    { volumes: [{ name: 'a', hostPath: { path: '/' } }] },
    { volumes: [{ name: 'a', configMap: { name: 'c' } }] },
  ],
  [
    'leaves no parameters of the strategy before, be they defaults',
    strategy({ type: 'RollingUpdate' }),
    strategy({ type: 'Recreate' }),
    strategy(rolling),
    strategy({ type: 'Recreate', rollingUpdate: null }),
  ],
] as const)
  test(what, () => assert.equal(upgradePatch({ before, wanted, live } as never), patch))

test('takes "__proto__" for a name like any other', () => {
  const wanted = JSON.parse('{"__proto__":{"a":1}}') as JsonObject
  const patch = upgradePatch({ before: {}, wanted, live: {} })
  assert.is(JSON.stringify(patch), JSON.stringify(wanted))
})

test('knows nothing of a revision before where there is none', () => {
  const sides = { before: undefined, wanted: { a: 1 }, live: { a: 2, b: 3 } }
  assert.equal(upgradePatch(sides), { a: 1 })
})

test.run()
