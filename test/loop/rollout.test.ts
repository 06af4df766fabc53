import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatKey } from '../../lib/model/key.ts'
import type { Status } from '../../lib/api/legacy/status.ts'
import { withLoop } from '../helpers/loop.ts'
import { until } from '../helpers/until.ts'

const test = suite('waiting for a release')

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  minReadySeconds: {{ .Values.slow }}
  strategy: { type: {{ .Values.strategy }} }
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata: { labels: { app: {{ .Release.Name }} } }
    spec:
      containers: [{ name: web, image: "nginx:{{ .Values.tag }}" }]
`
const chart = {
  'values.yaml': 'tag: "1"\nslow: 0\nstrategy: RollingUpdate\n',
  'templates/web.yaml': deployment,
}
// Seconds; the sandbox's are ten times as fast.
const slow = process.env.TEST_KUBECONFIG === undefined ? 30 : 6
const rollback = { enable: true, wait: true }

const ready = ({ conditions }: Status) => conditions.find(({ type }) => type === 'Ready')
const isReady = (status: Status) => ready(status)?.status === 'True'
const isWaiting = (status: Status) => ready(status)?.reason === 'Progressing'
const phaseIs = (phase: string) => (status: Status) => status.phase === phase

test('says what it waits for and succeeds when everything is ready', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true, values: { slow } })
    const waiting = await bench.settled('progress', isWaiting)
    assert.is(waiting.phase, 'Installing')
    assert.match(ready(waiting)!.message, /0 of 1 objects are ready; Deployment\/.*/)
    const status = await bench.settled('Ready', isReady)
    assert.is(status.phase, 'Succeeded')
    assert.is(status.history[0]!.waitUntil, undefined)
    assert.is(status.revision, '1.0.0')
    assert.equal(await bench.history(), ['1 deployed'])
    assert.is(bench.rollouts.size, 0)
    assert.is(bench.events.length, 1)
  })
})

test('tells of the generation before in observedGeneration until the wait for a newer one is over', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true })
    await bench.settled('Ready', isReady)
    await bench.write({ wait: true, values: { slow, tag: '2' } })
    const waiting = await bench.settled('progress', isWaiting)
    assert.is(waiting.observedGeneration, 1)
    const status = await bench.settled('Ready', isReady)
    assert.is(status.observedGeneration, 2)
  })
})

test('rolls back to the revision before when time is up, and waits for that', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true, rollback })
    await bench.settled('Ready', isReady)
    await bench.write({ wait: true, rollback, timeout: 1, values: { tag: 'missing' } })
    const status = await bench.settled('RolledBack', phaseIs('RolledBack'))
    assert.equal(await bench.history(), ['3 deployed', '2 failed', '1 superseded'])
    const deployed = status.conditions.find(({ type }) => type === 'Deployed')!
    assert.is(deployed.status, 'False')
    assert.match(deployed.message, /after 1s: container "web" of pod ".*" cannot pull image/)
    assert.is(status.rollbackCount, 1)
    assert.is(ready(status)!.status, 'False')
  })
})

test('calls a rollback failed whose objects do not become ready in time, and leaves it at that', async () => {
  await withLoop({ chart }, async (bench) => {
    const values = { slow, strategy: 'Recreate' }
    await bench.write({ values, rollback })
    await bench.settled('Ready', isReady)
    const impatient = { ...rollback, timeout: 1 }
    const broken = { ...values, tag: 'missing' }
    await bench.write({ timeout: 1, rollback: impatient, values: broken })
    const status = await bench.settled('RollbackFailed', phaseIs('RollbackFailed'))
    assert.match(ready(status)!.message, /^Cannot roll back release.* after 1s/)
    assert.equal(await bench.history(), ['3 failed', '2 failed', '1 deployed'])
    assert.is(status.rollbackCount, 0)
  })
})

test('leaves the storage as helm would when time is up and there is no rollback', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true })
    await bench.settled('Ready', isReady)
    await bench.write({ wait: true, timeout: 1, values: { tag: 'missing' } })
    await bench.settled('DeployFailed', phaseIs('DeployFailed'))
    assert.equal(await bench.history(), ['2 failed', '1 deployed'])
    await bench.helm(4, 'rollback', `${bench.namespace}-web`, '1')
    assert.equal(await bench.history(), ['3 deployed', '2 failed', '1 superseded'])
  })
})

test('uninstalls a first install that does not become ready', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true, timeout: 1, values: { tag: 'missing' } })
    await bench.settled('DeployFailed', phaseIs('DeployFailed'))
    await until('uninstalled', async () => (await bench.history()).length === 0)
    assert.is(bench.events.filter((event) => event.startsWith('ReleaseSynced')).length, 0)
  })
})

test('tries a first install that is kept and does not become ready no more often than it may', async () => {
  await withLoop({ chart }, async (bench) => {
    const { deps, queue, namespace } = bench
    const key = formatKey({ group: 'helm.fluxcd.io', namespace, name: 'web' })
    const failures = (count: number) =>
      bench.settled(`${count} failures`, ({ installFailures }) => installFailures === count)
    const ask = () => {
      deps.cache.asked.add(key)
      queue.add(key)
    }
    const install = { keepFailed: true, maxRetries: 1 }
    await bench.write({ wait: true, timeout: 1, install, values: { tag: 'missing' } })
    await failures(1)
    ask()
    const { conditions } = await failures(2)
    assert.match(conditions.at(-1)!.message, /; no retries are left$/)
    // When the second pass begins, the first one is over.
    for (const pass of ['first', 'second']) {
      ask()
      await until(`a ${pass} pass begins`, () => !deps.cache.asked.has(key))
    }
    assert.equal(await bench.history(), ['2 failed', '1 failed'])
  })
})

test('ends the wait at once when something newer is wanted', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true, rollback })
    await bench.settled('Ready', isReady)
    await bench.write({ wait: true, rollback, values: { tag: 'missing' } })
    await bench.settled('progress', isWaiting)
    await bench.write({ wait: true, rollback, values: { tag: '2' } })
    await bench.settled('Ready', (status) => isReady(status) && status.history.length === 3)
    assert.equal(await bench.history(), ['3 deployed', '2 failed', '1 superseded'])
  })
})

test('never rolls back to a revision that was replaced before it was ready', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write({ wait: true, rollback })
    await bench.settled('Ready', isReady)
    await bench.write({ wait: true, rollback, values: { tag: 'missing' } })
    await bench.settled('progress', isWaiting)
    await bench.write({ wait: true, rollback, timeout: 1, values: { tag: 'missing-too' } })
    await bench.settled('RolledBack', phaseIs('RolledBack'))
    assert.equal(await bench.history(), ['4 deployed', '3 failed', '2 failed', '1 superseded'])
    const { values } = (await bench.storage.history(bench.namespace, `${bench.namespace}-web`))[0]!
      .config as { values?: unknown }
    assert.is(values, undefined)
  })
})

test('leaves waiting to helm where a hook runs after it', async () => {
  await withLoop({ chart, hookEvents: ['post-install'] }, async (bench) => {
    await bench.write({ wait: true })
    const status = await bench.settled('Ready', isReady)
    assert.is(status.history[0]!.waitUntil, undefined)
    assert.not.ok(bench.requests.includes('watch'))
  })
})

test('says what is in the way where helm waited in vain', async () => {
  await withLoop({ chart, hookEvents: ['post-upgrade'] }, async (bench) => {
    await bench.write({ wait: true })
    await bench.settled('Ready', isReady)
    await bench.write({ wait: true, timeout: 2, values: { tag: 'missing' } })
    const { conditions } = await bench.settled('DeployFailed', phaseIs('DeployFailed'))
    const { message } = conditions.find(({ type }) => type === 'Released')!
    assert.match(message, /not everything was ready within 2 s/)
    assert.match(message, /; container "web" of pod ".*" cannot pull image "nginx:missing"/)
    assert.equal(await bench.history(), ['2 failed', '1 deployed'])
  })
})

// It changes the CRD, which on a real cluster would be everybody's.
if (process.env.TEST_KUBECONFIG === undefined)
  test('waits also where the CRD of the operator before us drops what it does not know', async () => {
    await withLoop({ chart }, async (bench) => {
      const history = '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/history'
      const patch = JSON.stringify([{ op: 'remove', path: history }])
      const crd = ['crd', 'helmreleases.helm.fluxcd.io']
      await bench.kubectl('patch', ...crd, '--type=json', '-p', patch)
      await bench.write({ wait: true, values: { slow } })
      const waiting = await bench.settled('progress', isWaiting)
      assert.equal(waiting.history, [])
      await bench.settled('Ready', isReady)
      assert.match(bench.events.join(), /^ReleaseSynced Installed .*: all objects are ready$/)
    })
  })

test.run()
