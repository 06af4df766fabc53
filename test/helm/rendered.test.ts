import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeDryRun, decodeManifest, decodeStoredObjects } from '../../lib/helm/rendered.ts'
import { encodeRecord } from '../../lib/helm/storage.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { Rendered } from '../../lib/model/rendered.ts'

const test = suite('rendered objects')

const config = (name: string, metadata = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${metadata}`
const hook = (name: string, events: string): string =>
  config(name, `  annotations: { helm.sh/hook: "${events}" }\n`)

function namesOf({ objects }: Pick<Rendered, 'objects'>): string[] {
  return objects.map(({ object, part }) => `${part} ${object.metadata.name}`)
}

test('are those of the manifest and of the hooks, without tests', () => {
  const answer = JSON.stringify({
    manifest: `---\n# Source: web/templates/a.yaml\n${config('a')}---\n# nothing\n`,
    hooks: [
      { manifest: hook('b', 'pre-install, post-upgrade') },
      { manifest: hook('c', 'test') },
      { manifest: hook('d', 'test-success') },
      { manifest: hook('e', 'post-install,test') },
    ],
  })
  assert.equal(namesOf(decodeDryRun(answer)), ['manifest a', 'hook b', 'hook e'])
})

test('are taken out of lists, with numbers and words as Helm reads them', () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- ${config('a').replaceAll('\n', '\n  ')}\n  data: { mode: 0777, on: yes }\n`
  const { objects } = decodeManifest(list)
  assert.equal(objects[0]?.object['data'], { mode: 511, true: true })
})

test('know what comes from crds/', () => {
  const text = `# Source: web/crds/w.yaml\n${config('w')}---\n# Source: web/templates/a.yaml\n${config('a')}`
  assert.equal(namesOf(decodeManifest(text)), ['crds w', 'manifest a'])
})

test('leave out what cannot be read, and say where it is from and nothing of it', () => {
  const text = `# Source: web/templates/a.yaml\na: *hunter2\n---\n${config('b')}`
  const rendered = decodeManifest(text)
  assert.equal(namesOf(rendered), ['manifest b'])
  assert.equal(rendered.notes, ['what web/templates/a.yaml makes (it cannot be read)'])
})

test('are read out of a stored revision', () => {
  const release = encodeRecord(JSON.stringify({ manifest: config('a') }))
  const secret = {
    ...{ apiVersion: 'v1', kind: 'Secret', data: { release } },
    metadata: { name: 'sh.helm.release.v1.web.v1' },
  }
  assert.equal(namesOf({ objects: decodeStoredObjects(secret) }), ['manifest a'])
})

for (const [what, read] of [
  ['something else than JSON', () => decodeDryRun('Release "web" has been upgraded')],
  ['more text than a release may have', () => decodeManifest(' '.repeat(16 * 2 ** 20 + 1))],
  [
    'more objects than a release may have',
    () => decodeManifest(`${config('a')}---\n`.repeat(10_001)),
  ],
] as const)
  test(`refuse ${what}`, () =>
    assert.throws(
      read,
      (error: unknown) => error instanceof ReconcileError && error.code === 'RenderFailed',
    ))

test.run()
