import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findByJsonPath, isJsonPath } from '../../lib/sandbox/jsonpath.ts'

const test = suite('findByJsonPath()')

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
  spec: {
    list: [
      { n: 'a', v: 1 },
      { n: 'b', v: 2 },
      { n: 'c', v: 3 },
    ],
  },
  status: {
    conditions: [
      { type: 'Other', status: 'x' },
      { type: 'Ready', status: 'True' },
    ],
  },
}

for (const [path, expected] of [
  ['.spec.list[0].n', ['a']],
  ['{.spec.list[-1].n}', ['c']],
  ['.spec.list[*].v', [1, 2, 3]],
  ['.spec.list[1:].n', ['b', 'c']],
  ['.spec.list[:1].n', ['a']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Ready')].status", ['True']],
  ['.status.conditions[?(@.type != "Ready")].status', ['x']],
  ['.spec.list[?(@.v>=2)].n', ['b', 'c']],
  ['.status.conditions[?(@.status)].type', ['Other', 'Ready']],
  ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
  [".metadata.labels['app.kubernetes.io/name']", ['web']],
  ['.metadata.labels.*', ['web']],
  ['..n', ['a', 'b', 'c']],
  ['.spec.nothing.here', []],
  ['.spec.list[9]', []],
  ['$.spec.list[0].v', [1]],
  ['.spec.list[', []],
] as const)
  test(`${path} finds ${JSON.stringify(expected)}`, () => {
    assert.equal(findByJsonPath(path, object), expected)
  })

test('isJsonPath() tells a path from a slip', () => {
  assert.ok(isJsonPath('.spec.a[?(@.b=="c")]'))
  assert.not(isJsonPath('.spec.a[?(@.b=="c")'))
})

test.run()
