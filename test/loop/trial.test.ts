// Three hundred releases that fail and fifty that do not, four places for helm: queue, places and retry times as they are, on a
// clock that a test turns. A helm takes a second, and a first install that fails takes two: it is purged.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Parked } from '../../lib/model/errors.ts'
import { Reservations } from '../../lib/loop/reservations.ts'
import { retryDelayMs } from '../../lib/plan/budget.ts'
import { type FakeClock, fakeClock } from '../helpers/clock.ts'
import { workQueue } from '../helpers/queue.ts'

const test = suite('among 300 failing releases')

const helmMs = 1_000
const syncMs = 180_000
const minute = 60_000
const failing = Array.from({ length: 300 }, (_, index) => `team-${index % 7}/failing-${index}`)
const good = Array.from({ length: 50 }, (_, index) => `team-${index % 7}/good-${index}`)

type Trial = {
  clock: FakeClock
  // Has somebody edit a release.
  edit(key: string): void
  // When the edit of each was applied, in milliseconds.
  appliedAt: Map<string, number>
  // Helms that were started for those that fail, by the millisecond.
  attempts: number[]
  // How many helms ran at once for those that fail, at most, after each had been tried once.
  mostRetries(): number
}

function start(total: number): Trial {
  const clock = fakeClock()
  const groupOf = (key: string): string => key.split('/')[0]!
  const queue = workQueue({ clock, groupOf, mostOfGroup: 12, mostUngranted: 16 })
  const reservations = new Reservations({
    total,
    fetches: 4,
    groupOf,
    wake: (key) => queue.add(key, 'granted'),
  })
  const wanted = new Set([...failing, ...good])
  const asked = new Set<string>()
  const failures = new Map<string, { count: number; retryAt: number }>()
  const appliedAt = new Map<string, number>()
  const attempts: number[] = []
  let retries = 0
  let mostRetries = 0
  const fail = async (key: string): Promise<void> => {
    const { count = 0, retryAt = 0 } = failures.get(key) ?? {}
    if (clock.now() < retryAt) return queue.addAfter(key, Math.min(syncMs, retryAt - clock.now()))
    reservations.claimHelm(key, count === 0 ? 'first' : 'later')
    attempts.push(clock.now())
    if (count > 0) mostRetries = Math.max(mostRetries, (retries += 1))
    await clock.sleep(2 * helmMs)
    if (count > 0) retries -= 1
    const next = clock.now() + retryDelayMs(count + 1, { id: key })
    failures.set(key, { count: count + 1, retryAt: next })
    queue.addAfter(key, Math.min(syncMs, next - clock.now()))
  }
  const succeed = async (key: string): Promise<void> => {
    if (wanted.has(key)) {
      reservations.claimHelm(key, asked.has(key) ? 'asked' : 'first')
      await clock.sleep(helmMs)
      asked.delete(key)
      wanted.delete(key)
      appliedAt.set(key, clock.now())
    }
    queue.addAfter(key, syncMs)
  }
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      reservations.begin(key)
      try {
        await (key.includes('failing') ? fail(key) : succeed(key))
        reservations.end(key)
      } catch (error) {
        assert.instance(error, Parked)
        reservations.park(key)
      }
      queue.done(key)
    }
  }
  for (let pass = 0; pass < 20; pass += 1) void work()
  for (const key of [...failing, ...good]) queue.add(key)
  return {
    ...{ clock, appliedAt, attempts, mostRetries: () => mostRetries },
    edit: (key) => {
      wanted.add(key)
      asked.add(key)
      queue.add(key, 'asked')
    },
  }
}

async function turn(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) await clock.advance(Math.min(left, 250))
}

test('an edit of a good one is applied within two seconds, whenever it is made', async () => {
  const trial = start(4)
  const { clock, appliedAt } = trial
  // All have had their first try.
  await turn(clock, 4 * minute)
  for (let at = 0; at < 40; at += 1) {
    const key = good[at]!
    await turn(clock, 7_300)
    const editedAt = clock.now()
    trial.edit(key)
    await turn(clock, 2_000)
    const took = appliedAt.get(key)! - editedAt
    assert.ok(took > 0 && took <= 2_000, `${key} after ${took} ms at ${editedAt}`)
  }
})

test('an edit of a good one has the next place that is free while all others have their first try', async () => {
  const trial = start(4)
  const { clock, appliedAt } = trial
  await turn(clock, minute)
  const [key = ''] = [...appliedAt.keys()]
  const editedAt = clock.now()
  trial.edit(key)
  await turn(clock, 2 * helmMs + helmMs)
  assert.ok(appliedAt.get(key)! > editedAt, `${key}`)
})

test('the failing ones never hold all places, and cost a fraction of one of them after ten minutes', async () => {
  const { clock, attempts, mostRetries } = start(4)
  await turn(clock, 40 * minute)
  assert.is(mostRetries(), 3)
  const inThirty = attempts.filter((at) => at >= 10 * minute && at < 40 * minute).length
  // At every sync of three minutes, it would be 3,000.
  assert.ok(inThirty <= 700, `${inThirty} attempts in half an hour`)
})

test.run()
