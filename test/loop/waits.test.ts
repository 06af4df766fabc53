// What is said of a release that has to wait for its turn.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Parked } from '../../lib/model/errors.ts'
import type { Status } from '../../lib/api/legacy/status.ts'
import { configMap } from '../helpers/chart.ts'
import { type LoopBench, withLoop } from '../helpers/loop.ts'
import { until } from '../helpers/until.ts'

const test = suite('a release that waits for a place for helm')

const chart = { 'templates/configmap.yaml': configMap }

function readyOf({ conditions }: Status) {
  const ready = conditions.find(({ type }) => type === 'Ready')
  return ready && { status: ready.status, reason: ready.reason, message: ready.message }
}

// Both places are taken until the answer is called. A pass before may not have ended yet.
async function fill({ deps: { reservations } }: LoopBench): Promise<() => void> {
  const others = ['other/1', 'other/2']
  await until('both places are taken', () => {
    try {
      for (const key of others) reservations.claimHelm(key, 'asked')
      return true
    } catch (error) {
      assert.instance(error, Parked)
      return false
    }
  })
  return () => others.forEach((key) => reservations.end(key))
}

// Writes of its status that tell of a wait.
function countTold({ deps }: LoopBench): () => number {
  let told = 0
  const { get, patch } = deps.own
  const isTold = (body: unknown): boolean => JSON.stringify(body).includes('"Waiting"')
  deps.own = {
    get,
    patch: (type, ref, change) => ((told += isTold(change.body) ? 1 : 0), patch(type, ref, change)),
  }
  return () => told
}

test('says so once it has waited for more than a moment, with one write, and then goes on', () =>
  withLoop({ chart }, async (bench) => {
    const { queue, key, deps } = bench
    const told = countTold(bench)
    let passes = 0
    const { fetch } = deps.fetcher
    deps.fetcher = { ...deps.fetcher, fetch: (...args) => ((passes += 1), fetch(...args)) }
    const leave = await fill(bench)
    await bench.write({})
    await until('it has looked', () => passes === 1)
    const waiting = await bench.settled(
      'it says what it waits for',
      (status) => readyOf(status)?.message.startsWith('Waiting') === true,
    )
    assert.equal(readyOf(waiting), {
      status: 'Unknown',
      reason: 'Waiting',
      message:
        'Waiting for one of the places for helm, of which there are 2 (--workers): it is next',
    })
    const before = passes
    await until('it looks again', () => (queue.add(key), passes > before + 2))
    assert.is(told(), 1)
    leave()
    await bench.settled('it is installed', ({ phase }) => phase === 'Succeeded')
  }))

test('that has failed keeps its failure, and its event is not told again', () =>
  withLoop({ chart: { 'templates/a.yaml': '{{ fail "no" }}' } }, async (bench) => {
    await bench.write({ maxHistory: 3 })
    const failed = await bench.settled('it fails', (status) => readyOf(status)?.status === 'False')
    const { message } = readyOf(failed)!
    const leave = await fill(bench)
    bench.deps.cache.asked.add(bench.key)
    bench.queue.add(bench.key)
    const waiting = await bench.settled('it says what it waits for', (status) =>
      readyOf(status)!.message.includes('The next try waits for'),
    )
    const wait =
      'The next try waits for one of the places for helm, of which there are 2 (--workers): it is next'
    assert.is(readyOf(waiting)!.message, `${message}. ${wait}`)
    leave()
    await bench.settled(
      'it has failed again',
      (status) => status.lastAttempt?.failures === 2 && readyOf(status)?.message === message,
    )
    assert.is(bench.events.filter((event) => event.startsWith('FailedReleaseSync')).length, 1)
  }))

test.run()
