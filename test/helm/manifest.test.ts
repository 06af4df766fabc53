import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { manifestRefs, splitManifest } from '../../lib/helm/manifest.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const test = suite('manifestRefs()')

const named = (manifest: string): string[] =>
  manifestRefs({ manifest, namespace: 'shop' }).map(
    ({ apiVersion, kind, namespace, name }) => `${apiVersion} ${kind} ${namespace}/${name}`,
  )

const configMap = (metadata: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n${metadata}\ndata:\n  name: not-this\n  kind: neither\n`

for (const [situation, manifest, expected] of [
  ['a plain object', configMap('  name: api'), ['v1 ConfigMap shop/api']],
  [
    'its own namespace',
    configMap('  labels:\n    name: no\n  namespace: other\n  name: api'),
    ['v1 ConfigMap other/api'],
  ],
  [
    'Helm’s comments between documents',
    `---\n# Source: x/a.yaml\n${configMap('  name: a')}---\n# Source: x/b.yaml\n\n# nothing\n---\n${configMap('  name: b')}`,
    ['v1 ConfigMap shop/a', 'v1 ConfigMap shop/b'],
  ],
  ['quoted names', configMap(`  "name": "1234" # a number\n`), ['v1 ConfigMap shop/1234']],
  [
    'deep indentation',
    configMap(`      annotations: {a: b}\n      name: api`),
    ['v1 ConfigMap shop/api'],
  ],
  [
    'comments and blank lines within',
    configMap(`\n# c\n  # d\n  name: api\n\n`),
    ['v1 ConfigMap shop/api'],
  ],
  [
    'Windows line ends',
    configMap('  name: api').replaceAll('\n', '\r\n'),
    ['v1 ConfigMap shop/api'],
  ],
  ['flow style', '{apiVersion: v1, kind: Secret, metadata: {name: api}}', ['v1 Secret shop/api']],
  [
    'metadata in flow style',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: api}',
    ['v1 Secret shop/api'],
  ],
  [
    'JSON',
    '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a.b:c"}}',
    ['v1 Secret shop/a.b:c'],
  ],
  ['a name over two lines', configMap('  name: >-\n    api'), ['v1 ConfigMap shop/api']],
  [
    'anchors and merges',
    configMap('  labels: &l {name: no}\n  <<: {name: api}'),
    ['v1 ConfigMap shop/api'],
  ],
  [
    'a List',
    `apiVersion: v1\nkind: List\nmetadata: {name: x}\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- apiVersion: v1\n  kind: ConfigMapList\n  items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: c}}]\n`,
    ['v1 Pod shop/a', 'v1 ConfigMap c/b'],
  ],
  [
    'the same object twice',
    `${configMap('  name: a')}---\n${configMap('  name: a')}`,
    ['v1 ConfigMap shop/a'],
  ],
  ['only comments', '---\n# Source: x/empty.yaml\n---\n\n', []],
  ['an empty manifest', '', []],
  ['a document that is no object', '--- \nhello\n---\n- 1\n---\nkind: X\n', []],
  ['a document that is no YAML', `a: [\n---\n${configMap('  name: a')}`, ['v1 ConfigMap shop/a']],
  [
    'a manifest inside a ConfigMap',
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: |\n    ---\n    apiVersion: v1\n    kind: Pod\n    metadata:\n      name: inner\n`,
    ['v1 ConfigMap shop/a'],
  ],
] as const) {
  test(`reads ${situation}`, () => assert.equal(named(manifest), expected))
}

test('reads a huge manifest in a moment', () => {
  const big = `  blob: "${'x'.repeat(20_000)}"\n`
  const manifest = Array.from({ length: 500 }, (_, n) => `---\n${configMap(`  name: a${n}`)}${big}`)
  const startedAt = performance.now()
  assert.is(named(manifest.join('')).length, 500)
  // 10 MB; parsing it as YAML takes many times as long.
  assert.ok(performance.now() - startedAt < deadlineMs(2_000))
})

test('splitManifest() keeps documents apart that Helm keeps apart', () => {
  assert.equal(
    splitManifest('a: 1\n--- # c\nb: "---"\n---\n# only this\n---\nc: |\n  ---\n').length,
    3,
  )
})

test.run()
