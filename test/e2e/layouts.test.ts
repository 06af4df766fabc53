// The image automation of Flux v1 edits HelmReleases, and goes on working: the operator leaves what it reads alone, and what
// it writes is deployed.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { layouts, type Layout } from '../helpers/layouts.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { countPasses } from '../helpers/passes.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'

const test = suite('image automation')

// The values that Helm got, for everybody to see.
const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { values: {{ .Values | toJson | quote }} }
`
const nameOf = (layout: Layout): string => `layout-${layouts.indexOf(layout) + 1}`

// As it stands in git, with the comments and quotes of its author.
function manifest(layout: Layout, repository: string): string {
  const indented = layout.values.trim().replace(/^/gm, '    ')
  const annotations = Object.entries(layout.annotations ?? {})
  return `---
apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata:
  name: ${nameOf(layout)}
  namespace: default
  annotations: ${JSON.stringify(Object.fromEntries(annotations))}
spec:
  # The values first, as some like it.
  values:
${indented}
  chart: { version: 1.0.0, name: web, repository: ${repository} }
`
}

type Told = { spec: string; annotations: string }

function readAll({ read }: RunningOperator): Told[] {
  return layouts.map((layout) => {
    const object = read(nameOf(layout))!
    const { annotations } = object.metadata
    return { spec: JSON.stringify(object.spec), annotations: JSON.stringify(annotations) }
  })
}

async function deployed({ api, read }: RunningOperator, edited: boolean): Promise<void> {
  for (const layout of layouts) {
    const { values, edit } = layout
    const wanted: unknown = parse(edited ? values.replaceAll(...edit) : values)
    const name = nameOf(layout)
    await until(`"${layout.title}" is deployed`, () => {
      const { status, metadata } = read(name) as unknown as {
        status?: { phase?: string; observedGeneration?: number }
        metadata: { generation: number }
      }
      return status?.phase === 'Succeeded' && status.observedGeneration === metadata.generation
    })
    const map = api.get('configmaps', 'default', `default-${name}`)
    assert.equal(JSON.parse((map as unknown as { data: { values: string } }).data.values), wanted)
  }
}

test('finds its layouts and annotations untouched, and its edits deployed, once each', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/values.yaml': template })
    await withOperator([], async (running) => {
      const { apply, kubectl, read, helm, stop, start, log } = running
      const manifests = layouts.map((layout) => manifest(layout, repository.url))
      await stop()
      await apply(manifests.join(''))
      const before = readAll(running)
      const logged = log()
      start()
      await deployed(running, false)
      assert.equal(readAll(running), before)
      for (const layout of layouts)
        assert.equal(read(nameOf(layout))!.metadata.finalizers, ['helm.fluxcd.io/operator'])

      // As on every sync from git.
      const passes = await countPasses(running, logged)
      const [first] = layouts.map(nameOf)
      const looked = await passes.over(first!)
      await kubectl('annotate', 'hr', '--all', 'fluxcd.io/sync-checksum=f00')
      await until('it is looked at', async () => (await passes.over(first!)) > looked)

      // One half as by "kubectl edit", one half as from git.
      const [patched, applied] = [layouts.slice(0, 6), layouts.slice(6)]
      for (const layout of patched) {
        const values: unknown = parse(layout.values.replaceAll(...layout.edit))
        const patch = JSON.stringify({ spec: { values } })
        await kubectl('patch', `hr/${nameOf(layout)}`, '--type=merge', `--patch=${patch}`)
      }
      const edited = applied.map((layout) => {
        const text = manifest(layout, repository.url)
        return text.replaceAll(...layout.edit)
      })
      await apply(edited.join(''))
      const written = readAll(running)
      await deployed(running, true)
      assert.equal(readAll(running), written)
      const revisions = JSON.parse(await helm('list', '--output=json')) as { revision: string }[]
      assert.equal(
        revisions.map(({ revision }) => revision),
        layouts.map(() => '2'),
      )
    })
  }))

test.run()
