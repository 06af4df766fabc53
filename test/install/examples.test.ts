// The examples: charts that both Helms find nothing to say against, HelmReleases without mistakes but the intended one.
import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { codecFor } from '../../lib/api/codec.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { parseConstraint, satisfies } from '../../lib/helm/constraint.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { testBinaries } from '../helpers/binaries.ts'

const test = suite('examples')
const folder = fileURLToPath(new URL('../../examples', import.meta.url))

async function releases(): Promise<[file: string, release: HelmRelease][]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort()
  const objects = await Promise.all(
    files.map(async (file): Promise<[string, KubeObject]> => {
      return [file, parse(await readFile(`${folder}/${file}`, 'utf8')) as KubeObject]
    }),
  )
  return objects.flatMap(([file, object]) =>
    object.kind === 'HelmRelease' ? [[file, codecFor(object.apiVersion)!.decode(object)]] : [],
  )
}

async function readChart(name: string): Promise<{ name: string; version: string }> {
  return parse(await readFile(`${folder}/charts/${name}/Chart.yaml`, 'utf8'))
}

async function helms(): Promise<string[]> {
  const { helm3, helm4 } = await testBinaries()
  return [helm3, helm4]
}

test('Helm 3 and Helm 4 lint every chart strictly', async () => {
  const run = createRunner({ env: process.env })
  const charts = (await readdir(`${folder}/charts`)).map((name) => `${folder}/charts/${name}`)
  assert.is(charts.length, 2)
  for (const helm of await helms()) {
    const { stdout } = await run([helm, 'lint', '--strict', ...charts])
    assert.match(stdout, '2 chart(s) linted, 0 chart(s) failed')
  }
})

test('the schema of the web chart refuses values of the wrong type', async () => {
  const run = createRunner({ env: process.env })
  for (const helm of await helms()) {
    const wrong = [helm, 'template', 'web', `${folder}/charts/web`, '--set-string', 'replicas=two']
    const said = await run(wrong).then(
      () => 'nothing',
      (error: { stderr: string }) => error.stderr,
    )
    assert.match(said, /replicas/)
  }
})

test('no HelmRelease has a mistake in its spec', async () => {
  const found = await releases()
  assert.equal(
    found.map(([file, { source, problems }]) => [file, source.kind, problems]),
    [
      ['1-from-repository.yaml', 'repository', []],
      ['2-hooks-and-test.yaml', 'repository', []],
      ['3-from-git.yaml', 'git', []],
      ['4-wrong-version.yaml', 'repository', []],
    ],
  )
})

test('every version exists but the one that is meant not to', async () => {
  const missing: string[] = []
  for (const [file, { source }] of await releases()) {
    if (source.kind !== 'repository') continue
    const { version } = await readChart(source.name)
    if (!satisfies(version, parseConstraint(source.version)!)) missing.push(file)
  }
  assert.equal(missing, ['4-wrong-version.yaml'])
})

test('urls are placeholders, and each file says what they stand for', async () => {
  for (const [file, { source }] of await releases()) {
    const url = source.kind === 'invalid' ? '' : source.url
    assert.match(url, /^\$\{(REPOSITORY|GIT)\}$/)
    const text = await readFile(`${folder}/${file}`, 'utf8')
    assert.ok(text.split('\n').some((line) => line.startsWith('#') && line.includes(url)))
  }
})

test.run()
