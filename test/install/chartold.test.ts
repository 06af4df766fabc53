// Files of values that were written for the chart of fluxcd/helm-operator, as they are found in the wild.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bothHelms, chartFolder, chartObjects, helm, renderChart } from '../helpers/helmchart.ts'

const test = suite('old values')
const old = `--values=${fileURLToPath(new URL('../fixtures/chart/old.yaml', import.meta.url))}`

for (const major of bothHelms) {
  test(`helm ${major} takes all values of the old chart with their defaults and blanks`, async () => {
    const rendered = await renderChart(major, old)
    // It named no cluster, for which older charts had a kubeconfig all the same.
    assert.not.match(rendered, '--kubeconfig')
    assert.match(rendered, '--enabled-helm-versions=v2,v3')
    assert.match(rendered, '--workers=4')
  })

  test(`helm ${major} installs it as part of another chart, which may switch it off`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'chart-'))
    try {
      await mkdir(join(directory, 'charts'))
      await cp(chartFolder, join(directory, 'charts/helm-operator'), {
        recursive: true,
        dereference: true,
      })
      const dependency =
        '{ name: helm-operator, version: ">=0-0", condition: helm-operator.enabled }'
      await writeFile(
        join(directory, 'Chart.yaml'),
        `{ apiVersion: v2, name: platform, version: 1.0.0, dependencies: [${dependency}] }`,
      )
      const values = 'global: { team: a }\nhelm-operator: { enabled: true, allowNamespace: null }\n'
      await writeFile(join(directory, 'values.yaml'), values)
      const render = (...args: string[]) => helm(major, 'template', 'x', directory, ...args)
      assert.match(await render(), 'flux-helm-operator')
      assert.is((await render('--set=helm-operator.enabled=false')).trim(), '')
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  test(`helm ${major} refuses Helm 2 alone in a sentence`, async () => {
    for (const versions of ['v2', 'v2,v5'])
      try {
        await renderChart(major, `--set-string=helm.versions=${versions.replace(',', '\\,')}`)
        assert.unreachable('was accepted')
      } catch (error) {
        assert.match((error as Error).message, `Cannot serve Helm "${versions}": `)
        assert.match((error as Error).message, 'add v3 to helm.versions')
      }
  })
}

test('the notes say which values change nothing, and why, but not of those that nobody has set', async () => {
  const more = '--set=replicaCount=2,annotations.a=b'
  const args = ['--dry-run=client', '--namespace=flux', old, more]
  // Helm 3 asks a cluster for its version even then.
  const said = await helm(4, 'install', 'helm-operator', chartFolder, ...args)
  const notes = said.slice(said.indexOf('NOTES:'))
  assert.match(notes, 'replicaCount: two operators would run Helm')
  assert.match(notes, 'annotations: those of the pod are podAnnotations')
  assert.match(notes, 'kube.config: it names no cluster')
  assert.match(notes, 'helm.versions contains v2, which is not served')
  assert.not.match(notes, 'tillerPort')
})

test('switches and numbers may be strings, and every log format is taken', async () => {
  const strings = ['workers=3', 'updateChartDeps=false', 'logReleaseDiffs=true', 'logFormat=text']
  const objects = await chartObjects(`--set-string=${strings.join()}`)
  const text = JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'))
  for (const flag of ['--workers=3', '--update-chart-deps=false', '--log-format=text'])
    assert.match(text, `"${flag}"`)
})

test('a kubeconfig that cannot be read is not left out silently', async () => {
  for (const config of ['}', 'apiVersion: v1'])
    assert.match(await renderChart(4, `--set-string=kube.config=${config}`), '--kubeconfig')
})

test.run()
