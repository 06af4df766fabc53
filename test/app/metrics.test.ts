import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMetrics, type OperatorMetrics } from '../../lib/app/metrics.ts'
import type { ShownRelease } from '../../lib/model/ports.ts'
import { parseFamilies, parseSamples } from '../helpers/metrics.ts'
import { condition } from '../helpers/legacy.ts'

const test = suite('metrics')

const web: ShownRelease = {
  ...{ targetNamespace: 'shop', releaseName: 'shop-web' },
  ...{ conditions: [], isWaiting: false },
}
const labels = 'release_name="shop-web",target_namespace="shop"'
const conditionInfo = 'flux_helm_operator_release_condition_info'
const durations = 'flux_helm_operator_release_action_duration_seconds'

function metricsAt(clock: { now: number }, byRelease = true): OperatorMetrics {
  return createMetrics({ now: () => clock.now, version: '2.0.0', byRelease })
}

async function samplesOf(metrics: OperatorMetrics): Promise<Map<string, number>> {
  return parseSamples((await metrics.read()).text)
}

function keysOf(samples: Map<string, number>, part: string): string[] {
  return [...samples.keys()].filter((key) => key.includes(part))
}

test("serves the seven of fluxcd/helm-operator and every process's usual ones", async () => {
  const { text, contentType } = await metricsAt({ now: 0 }).read()
  const families = parseFamilies(text)
  for (const name of [
    'flux_helm_operator_release_count',
    'flux_helm_operator_release_queue_length_count',
    'flux_helm_operator_release_action_duration_seconds',
    'flux_helm_operator_release_phase_duration_seconds',
    'flux_helm_operator_release_duration_seconds',
    'flux_helm_operator_release_condition_info',
    'flux_git_ready',
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
  ])
    assert.ok(families.has(name), name)
  assert.match(contentType, 'text/plain; version=0.0.4')
})

test('gives each condition its own figure', async () => {
  const metrics = metricsAt({ now: 0 })
  const conditions = [
    condition('Released', 'False'),
    condition('Deployed', 'Unknown'),
    condition('RolledBack', 'True'),
  ]
  metrics.loop.show('a', { ...web, conditions })
  const samples = await samplesOf(metrics)
  assert.is(samples.get(`${conditionInfo}{condition="Released",${labels}}`), -1)
  assert.is(samples.get(`${conditionInfo}{condition="Deployed",${labels}}`), 0)
  assert.is(samples.get(`${conditionInfo}{condition="RolledBack",${labels}}`), 1)
})

test('drops the figure of a condition that is gone, and all of an object that is gone', async () => {
  const metrics = metricsAt({ now: 0 })
  const show = (...conditions: ReturnType<typeof condition>[]): void =>
    metrics.loop.show('a', { ...web, conditions })
  show(condition('Released', 'True'), condition('RolledBack', 'True'))
  show(condition('Released', 'True'))
  assert.equal(keysOf(await samplesOf(metrics), conditionInfo), [
    `${conditionInfo}{condition="Released",${labels}}`,
  ])
  assert.is((await samplesOf(metrics)).get('flux_helm_operator_release_count'), 1)
  metrics.loop.forget('a')
  assert.equal(keysOf(await samplesOf(metrics), conditionInfo), [])
  assert.is((await samplesOf(metrics)).get('flux_helm_operator_release_count'), 0)
})

test('times a step under its own name and under the deprecated one, in the old buckets', async () => {
  const metrics = metricsAt({ now: 0 })
  metrics.loop.time('upgrade', web, { ok: false, tookMs: 20_000 })
  const samples = await samplesOf(metrics)
  const own = `action="upgrade",LE,${labels.replace('target', 'success="false",target')}`
  const bucket = (le: string): number | undefined =>
    samples.get(`${durations}_bucket{${own.replace('LE', `le="${le}"`)}}`)
  const bounds = ['1', '5', '10', '30', '60', '120', '180', '300', '600', '1800', '+Inf']
  assert.equal(bounds.map(bucket), [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
  const old = 'flux_helm_operator_release_phase_duration_seconds_sum'
  const oldLabels = 'action="upgrade",namespace="shop",release_name="shop-web",success="false"'
  assert.is(samples.get(`${old}{${oldLabels}}`), 20)
  assert.equal(keysOf(samples, 'flux_helm_operator_release_duration_seconds'), [])
})

test('times a whole sync under its own name and under the deprecated one', async () => {
  const metrics = metricsAt({ now: 0 })
  metrics.loop.time('sync', web, { ok: true, tookMs: 1_500 })
  const samples = await samplesOf(metrics)
  const own = 'action="sync",release_name="shop-web",success="true",target_namespace="shop"'
  assert.is(samples.get(`${durations}_sum{${own}}`), 1.5)
  const old = 'namespace="shop",release_name="shop-web",success="true"'
  assert.is(samples.get(`flux_helm_operator_release_duration_seconds_sum{${old}}`), 1.5)
  assert.equal(keysOf(samples, 'phase_duration'), [])
})

test('keeps durations of a deleted release until they were surely read, then drops them', async () => {
  const clock = { now: 0 }
  const metrics = metricsAt(clock)
  metrics.loop.show('a', web)
  metrics.loop.time('install', web, { ok: true, tookMs: 1 })
  clock.now = 3_600_000
  metrics.loop.time('uninstall', web, { ok: true, tookMs: 1 })
  metrics.loop.forget('a')
  clock.now += 300_000
  assert.ok(keysOf(await samplesOf(metrics), 'action="uninstall"').length > 0)
  clock.now += 300_000
  assert.equal(keysOf(await samplesOf(metrics), 'shop-web'), [])
})

test('keeps durations of a release that came back, or that another HelmRelease wants', async () => {
  const clock = { now: 0 }
  const metrics = metricsAt(clock)
  metrics.loop.show('a', web)
  metrics.loop.show('b', web)
  metrics.loop.time('install', web, { ok: true, tookMs: 1 })
  metrics.loop.forget('a')
  clock.now = 3_600_000
  assert.ok(keysOf(await samplesOf(metrics), durations).length > 0)
  metrics.loop.forget('b')
  metrics.loop.show('c', web)
  clock.now *= 2
  assert.ok(keysOf(await samplesOf(metrics), durations).length > 0)
})

test('drops durations of a release that its HelmRelease has left for another', async () => {
  const clock = { now: 0 }
  const metrics = metricsAt(clock)
  metrics.loop.show('a', web)
  metrics.loop.time('install', web, { ok: true, tookMs: 1 })
  metrics.loop.show('a', { ...web, releaseName: 'other' })
  clock.now = 3_600_000
  assert.equal(keysOf(await samplesOf(metrics), 'shop-web'), [])
})

test('adds all releases up under empty names when told to', async () => {
  const clock = { now: 0 }
  const metrics = metricsAt(clock, false)
  metrics.loop.show('a', web)
  metrics.loop.time('install', web, { ok: true, tookMs: 1_000 })
  metrics.loop.forget('a')
  metrics.loop.time('install', { ...web, releaseName: 'b' }, { ok: true, tookMs: 2_000 })
  clock.now = 3_600_000
  const all = 'action="install",release_name="",success="true",target_namespace=""'
  assert.is((await samplesOf(metrics)).get(`${durations}_sum{${all}}`), 3)
})

test('tells how many releases wait for their objects', async () => {
  const metrics = metricsAt({ now: 0 })
  metrics.loop.show('a', { ...web, isWaiting: true })
  metrics.loop.show('b', web)
  assert.is((await samplesOf(metrics)).get('helm_operator_releases_waiting'), 1)
})

test('counts programs by what they are, wherever they are and whatever their version', async () => {
  const { programs, ...metrics } = metricsAt({ now: 0 })
  programs.onStart('/opt/bins/helm4')
  programs.onStart('/usr/bin/kubectl')
  programs.onStart('git')
  programs.onStart('/bin/ssh-keyscan')
  programs.onEnd('/opt/bins/helm4', 1_500)
  const samples = parseSamples((await metrics.read()).text)
  const of = (name: string, program: string): number | undefined =>
    samples.get(`helm_operator_processes_${name}{program="${program}"}`)
  assert.equal([of('started_total', 'helm'), of('running', 'helm')], [1, 0])
  assert.is(of('seconds_total', 'helm'), 1.5)
  assert.equal([of('running', 'kubectl'), of('running', 'git'), of('running', 'other')], [1, 1, 1])
})

test('counts requests, upgrades and failures by what they were about', async () => {
  const { loop, onRequest, onInputRefused, ...metrics } = metricsAt({ now: 0 })
  onRequest('patch', 200)
  onRequest('list', 0)
  onInputRefused('memory')
  loop.countUpgrade('values')
  loop.countFailure('ClusterUnreachable', 'backoff')
  const samples = parseSamples((await metrics.read()).text)
  assert.is(samples.get('helm_operator_api_requests_total{code="200",verb="patch"}'), 1)
  assert.is(samples.get('helm_operator_api_requests_total{code="error",verb="list"}'), 1)
  assert.is(samples.get('helm_operator_upgrades_total{because="values"}'), 1)
  assert.is(samples.get('helm_operator_inputs_refused_total{reason="memory"}'), 1)
  const failures = 'helm_operator_sync_failures_total{code="ClusterUnreachable",retry="backoff"}'
  assert.is(samples.get(failures), 1)
})

test('asks for levels when it is read', async () => {
  const metrics = metricsAt({ now: 0 })
  const queue = 'flux_helm_operator_release_queue_length_count'
  assert.is((await samplesOf(metrics)).get(queue), 0)
  metrics.watch({ queueLength: () => 3, slotsWaiting: () => 2, isGitReady: () => true })
  const samples = await samplesOf(metrics)
  assert.is(samples.get(queue), 5)
  assert.is(samples.get('helm_operator_helm_processes_waiting'), 2)
  assert.is(samples.get('flux_git_ready'), 1)
})

test('keeps nothing that two operators in one process would share', async () => {
  const [one, other] = [metricsAt({ now: 0 }), metricsAt({ now: 0 })]
  one.loop.show('a', web)
  assert.is((await samplesOf(other)).get('flux_helm_operator_release_count'), 0)
})

test.run()
