// Image automation edits values of a HelmRelease and reads them back: whatever layout it finds them in, the operator leaves spec
// and annotations as they are, and releases what was written.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sideBySide, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('image automation')

const automated = { 'fluxcd.io/automated': 'true', 'filter.fluxcd.io/chart-image': 'semver:~1' }

type Layout = { before: object; after: object; annotations?: Record<string, string> }

const layouts: Record<string, Layout> = {
  'an image in one text': {
    before: { image: 'registry.test/web:1.0' },
    after: { image: 'registry.test/web:1.1' },
  },
  'an image and a tag': {
    before: { image: 'registry.test/web', tag: '1.0' },
    after: { image: 'registry.test/web', tag: '1.1' },
  },
  'a registry, an image and a tag': {
    before: { registry: 'registry.test', image: 'web', tag: '1.0' },
    after: { registry: 'registry.test', image: 'web', tag: '1.1' },
  },
  'a registry, and an image with its tag': {
    before: { registry: 'registry.test', image: 'web:1.0' },
    after: { registry: 'registry.test', image: 'web:1.1' },
  },
  'a map with the repository': {
    before: { image: { repository: 'registry.test/web:1.0' } },
    after: { image: { repository: 'registry.test/web:1.1' } },
  },
  'a map with repository and tag': {
    before: { image: { repository: 'registry.test/web', tag: '1.0' } },
    after: { image: { repository: 'registry.test/web', tag: '1.1' } },
  },
  'a map with registry, repository and tag': {
    before: { image: { registry: 'registry.test', repository: 'web', tag: '1.0' } },
    after: { image: { registry: 'registry.test', repository: 'web', tag: '1.1' } },
  },
  'a map with a registry, and a repository with its tag': {
    before: { image: { registry: 'registry.test', repository: 'web:1.0' } },
    after: { image: { registry: 'registry.test', repository: 'web:1.1' } },
  },
  'an image of a part of the chart': {
    before: { sidecar: { image: 'registry.test/sidecar', tag: '1.10' } },
    after: { sidecar: { image: 'registry.test/sidecar', tag: '1.20' } },
    annotations: { 'filter.fluxcd.io/sidecar': 'glob:1.*' },
  },
  'an alias for a repository': {
    before: { deep: { down: 'registry.test/web:1.0' } },
    after: { deep: { down: 'registry.test/web:1.1' } },
    annotations: { 'repository.fluxcd.io/web': 'deep.down' },
  },
  'an alias for a repository and a tag': {
    before: { deep: { down: 'registry.test/web', tag: '1.0' } },
    after: { deep: { down: 'registry.test/web', tag: '1.1' } },
    annotations: { 'repository.fluxcd.io/web': 'deep.down', 'tag.fluxcd.io/web': 'deep.tag' },
  },
  'an alias for a registry and a repository': {
    before: { deep: { host: 'registry.test', path: 'web:1.0' } },
    after: { deep: { host: 'registry.test', path: 'web:1.1' } },
    annotations: { 'registry.fluxcd.io/web': 'deep.host', 'repository.fluxcd.io/web': 'deep.path' },
  },
  'an alias for all three': {
    before: { deep: { host: 'registry.test', path: 'web', tag: '1.0' } },
    after: { deep: { host: 'registry.test', path: 'web', tag: '1.1' } },
    annotations: {
      'registry.fluxcd.io/web': 'deep.host',
      'repository.fluxcd.io/web': 'deep.path',
      'tag.fluxcd.io/web': 'deep.tag',
    },
  },
}

async function play(scene: Scene, { before, after, annotations = {} }: Layout): Promise<void> {
  const { repository, operator, namespace } = scene
  const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
  const marks = { ...automated, ...annotations }
  await scene.write({ values: before }, { metadata: { annotations: marks } })
  await scene.rests('Succeeded')
  const read = () => operator.read('web', namespace)!
  assert.equal(read().spec, { chart, values: before })
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...found } =
    read().metadata.annotations ?? {}
  assert.equal(found, marks)

  const patch = JSON.stringify([{ op: 'replace', path: '/spec/values', value: after }])
  await scene.kubectl('patch', 'hr/web', '--type=json', '-p', patch)
  const live = () =>
    operator.api.get('configmaps', namespace, `${namespace}-web`)?.data as { all: string }
  await until('what was written is released', () => live().all === sorted(after))
  await scene.rests('Succeeded')
  assert.equal(read().spec, { chart, values: after })
}

// As toJson writes it: by the alphabet.
function sorted(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sorted(member)}`).join()}}`
}

const stories = Object.fromEntries(
  Object.entries(layouts).map(([title, layout]) => [title, (scene: Scene) => play(scene, layout)]),
)
const tell = sideBySide([], stories)
for (const title of Object.keys(stories)) test(`writes and reads ${title}`, () => tell(title))

test.run()
