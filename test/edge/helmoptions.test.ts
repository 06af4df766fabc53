// From the fields of a HelmRelease to the words that helm is given: nothing gets lost on the way.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecFor } from '../../lib/api/codec.ts'
import { dryRunArgs, upgradeArgs, type UpgradeOptions } from '../../lib/helm/dialect.ts'
import { helm3 } from '../../lib/helm/helm3.ts'
import { helm4 } from '../../lib/helm/helm4.ts'
import { createHelmDriver } from '../../lib/edge/helm.ts'
import { openWorkdir } from '../../lib/edge/workdir.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'
import { wireRelease } from '../helpers/objects.ts'
import { observed } from '../helpers/release.ts'
import { testParser } from '../helpers/parser.ts'

const upgradeOptions: UpgradeOptions = {
  ...{ releaseName: 'web', targetNamespace: 'shop', chartPath: '/web', valuesFile: '/values' },
  ...{ timeoutMs: 1_000, maxHistory: 1, wait: false, skipCrds: false, force: false },
  ...{ disableOpenApiValidation: false, base: 'chart', method: 'client' },
}

const test = suite('the options of a HelmRelease')

type Call = 'install' | 'upgrade' | 'rollback' | 'test' | 'uninstall'

// What helm is started with for this spec.
async function argsOf(call: Call, major: 3 | 4, spec: object): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'options-'))
  const started: string[] = []
  const driver = createHelmDriver({
    fetchEnv: {},
    parser: testParser(),
    limits: { residentBytes: 0, cpuMs: 0 },
    helm: { path: 'helm', version: `${major}.0.0`, major },
    run: async (args) => {
      started.push(args.join(' '))
      return { stdout: '', stderr: '', tookMs: 0 } as never
    },
    workdir: await openWorkdir(directory),
    ...{ access: {}, env: {}, cacheDir: directory },
  })
  await begin(driver, call, spec)
  await rm(directory, { recursive: true })
  return started.join()
}

async function begin(driver: HelmDriver, call: Call, spec: object): Promise<void> {
  const release = codecFor('helm.fluxcd.io')!.decode(wireRelease(spec))
  const { signal } = new AbortController()
  const common = { release, timeoutMs: release.timeoutMs, secrets: [], signal }
  const change = { ...common, artifact: observed([]).artifact, values: {} }
  switch (call) {
    case 'install':
      return await driver.install(change)
    case 'upgrade':
      return await driver.upgrade(change)
    case 'rollback':
      return await driver.rollback({
        ...common,
        timeoutMs: release.rollback.timeoutMs,
        revision: 1,
      })
    case 'test':
      return await driver.test({ ...common, timeoutMs: release.test.timeoutMs })
    case 'uninstall':
      return await driver.uninstall({ ...common, ...release })
  }
}

const rollback = (field: object) => ({ rollback: field })

for (const [call, spec, words3, words4] of [
  ['install', { disableOpenAPIValidation: true }, '--disable-openapi-validation', undefined],
  ['upgrade', { disableOpenAPIValidation: true }, '--disable-openapi-validation', undefined],
  ['upgrade', { forceUpgrade: true }, '--force ', '--force-replace'],
  ['upgrade', { maxHistory: 0 }, '--history-max 0', undefined],
  ['upgrade', {}, '--history-max 10', undefined],
  ['upgrade', { resetValues: false }, '--reuse-values', undefined],
  ['upgrade', { resetValues: true }, '--reset-values', undefined],
  ['upgrade', { timeout: 90 }, '--timeout 90000ms', undefined],
  ['install', { skipCRDs: true }, '--skip-crds', undefined],
  ['install', { wait: true }, '--wait ', '--wait=watcher'],
  ['rollback', rollback({ force: true }), '--force ', '--force-replace'],
  ['rollback', rollback({ disableHooks: true }), '--no-hooks', undefined],
  ['rollback', rollback({ recreate: true }), '--recreate-pods', ''],
  ['rollback', rollback({ timeout: 7 }), '--timeout 7000ms', undefined],
  ['rollback', rollback({ wait: true }), '--wait ', '--wait=watcher'],
  ['test', { test: { timeout: 11 } }, '--timeout 11000ms', undefined],
  ['uninstall', { timeout: 90 }, '--timeout 90000ms', undefined],
] as const)
  test(`${call} with ${JSON.stringify(spec)} says ${words3.trim()}`, async () => {
    assert.match(`${await argsOf(call, 3, spec)} `, words3)
    assert.match(`${await argsOf(call, 4, spec)} `, words4 ?? words3)
  })

for (const [version, flag] of [
  ['3.12.3', '--dry-run'],
  ['3.13.0', '--dry-run=server'],
  ['4.1.0', '--dry-run=server'],
] as const)
  test(`a dry run of Helm ${version} is asked for with ${flag}`, () => {
    const dialect = version.startsWith('3') ? helm3 : helm4
    const options = { ...upgradeOptions, version }
    const [command, ...args] = dryRunArgs(dialect, options)
    assert.equal(args.slice(0, 2), [flag, '--output=json'])
    assert.equal([command, ...args.slice(2)], upgradeArgs(dialect, options))
  })

test('none of them is said where it was not asked for', async () => {
  for (const major of [3, 4] as const) {
    const said = await Promise.all(
      (['install', 'upgrade', 'rollback'] as const).map((call) => argsOf(call, major, {})),
    )
    assert.not.match(
      said.join(),
      /--force |--force-replace|--no-hooks|--wait|--skip|--disable|recre/,
    )
  }
})

test('rollback.wait and wait have nothing to do with each other', async () => {
  assert.not.match(await argsOf('rollback', 3, { wait: true }), '--wait')
  assert.not.match(await argsOf('upgrade', 3, { wait: false, rollback: { wait: true } }), '--wait')
})

test('a test leaves its pods to the hook policies of the chart', async () => {
  for (const cleanup of [true, false])
    assert.not.match(await argsOf('test', 3, { test: { enable: true, cleanup } }), 'cleanup')
})

test.run()
