import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../lib/app/sandbox.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import type { SandboxApi } from '../../lib/sandbox/types.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { configMap } from '../helpers/chart.ts'
import { startOperatorProcess } from '../helpers/child.ts'
import { conditionOf } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('a hundred HelmReleases')

const crds = fileURLToPath(new URL('../../crds', import.meta.url))
const names = Array.from({ length: 100 }, (_, index) => `r${index}`)

function readyNames(api: SandboxApi): string[] {
  return api
    .list('helmreleases.helm.fluxcd.io', 'default')
    .filter((object) => conditionOf(object, 'Ready')?.status === 'True')
    .map(({ metadata }) => metadata.name)
}

function revisionsOf(api: SandboxApi): Map<string, number> {
  const revisions = new Map<string, number>()
  for (const { metadata } of api.list('secrets', 'default')) {
    const [, name, revision] = /^sh\.helm\.release\.v1\.(.+)\.v(\d+)$/.exec(metadata.name) ?? []
    if (name) revisions.set(name, Math.max(revisions.get(name) ?? 0, Number(revision)))
  }
  return revisions
}

type Told = { begun: Set<string>; ended: Set<string>; overlaps: string[] }

/** Which releases were worked on, and was any of them twice at the same time? Told by the log of one operator. */
function readLog(lines: readonly string[]): Told {
  const running = new Set<string>()
  const told: Told = { begun: new Set(), ended: new Set(), overlaps: [] }
  for (const line of lines) {
    const name = /resource="?default:helmrelease\/([^\s"]+)/.exec(line)?.[1] ?? ''
    if (/info="?running (install|upgrade)/.test(line)) {
      if (running.has(name)) told.overlaps.push(line)
      running.add(name)
      told.begun.add(name)
    } else if (/info="?(install|upgrade) succeeded/.test(line)) {
      running.delete(name)
      told.ended.add(name)
    }
  }
  return told
}

test('converge after one apply, an operator killed in the middle, and no release is upgraded for it', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
    const directory = await mkdtemp(join(tmpdir(), 'op-'))
    const kubeconfig = join(directory, 'kubeconfig')
    const sandbox = await startSandbox({ port: 0, kubeconfig })
    const { kubectl } = await testBinaries()
    const run = createRunner({ env: { ...process.env, KUBECONFIG: kubeconfig } })
    const args = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${directory}`, '--listen=127.0.0.1:0']
    const first = startOperatorProcess(args)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    try {
      await run([kubectl, 'apply', '-k', crds])
      const yaml = names.map((name) => helmReleaseYaml(name, { chart, values: { data: { name } } }))
      await run([kubectl, 'apply', '-f', '-'], { stdin: yaml.join('') })
      await until('some are ready', () => readyNames(sandbox.api).length >= 20, 60_000)
      await first.kill('SIGKILL')
      const inSync = readyNames(sandbox.api)
      const before = revisionsOf(sandbox.api)
      assert.ok(inSync.length < names.length, 'it was killed too late')

      const second = startOperatorProcess(args)
      await until('all are ready', () => readyNames(sandbox.api).length === 100, 120_000)
      const after = revisionsOf(sandbox.api)
      for (const name of inSync)
        assert.is(after.get(`default-${name}`), before.get(`default-${name}`), name)
      const told = [readLog(first.lines), readLog(second.lines)]
      for (const { overlaps } of told) assert.equal(overlaps, [])
      const ended = new Set(told.flatMap((one) => [...one.ended]))
      assert.equal([...ended].sort(), [...names].sort(), 'the log tells of each of them')
      assert.ok(inSync.every((name) => told[0]!.begun.has(name)))
      assert.is(await second.kill('SIGTERM'), 0)
    } finally {
      first.child.kill('SIGKILL')
      await sandbox.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }))

test.run()
