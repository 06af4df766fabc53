// When what has failed is tried again, counted on a clock that a test turns.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome } from '../../lib/model/action.ts'
import type { ErrorCode } from '../../lib/model/errors.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import type { Attempt } from '../../lib/model/memory.ts'
import { mustPause, retryDelayMs, retryTime, urgencyOf } from '../../lib/plan/budget.ts'
import { beginAction, concludePass, endAction } from '../../lib/plan/summarize.ts'
import {
  attempt,
  helmRelease,
  noon,
  observed,
  otherValues,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('the retry budget')

const minute = 60_000
const spaced = [15_000, minute, 4 * minute, 16 * minute, 30 * minute, 30 * minute]
const late = [4 * minute, 16 * minute, 30 * minute, 30 * minute]
const rollback = { ...helmRelease().rollback, enable: true, retry: true, maxRetries: 0 }

/** The milliseconds from each failure to the next attempt, as the status has them; undefined when there is none by itself. */
function delaysOf(
  desired: HelmRelease,
  outcome: Omit<Outcome, 'ok' | 'message'>,
  times: number,
): (number | undefined)[] {
  let now = noon
  let { memory: said } = desired
  return Array.from({ length: times }, () => {
    const isInstalled = desired.memory.history.length > 0
    const facts = observed(isInstalled ? [release(1, 'deployed')] : [], { now })
    const action =
      outcome.action === 'install'
        ? ({ kind: 'install' } as const)
        : ({ kind: 'upgrade', because: 'retry' } as const)
    said = beginAction({ ...desired, memory: said }, facts, action).memory
    const failed = { ...outcome, ok: false, message: 'no' }
    said = endAction({ ...desired, memory: said }, facts, failed).memory
    const { retryAt } = said.lastAttempt!
    const delay = retryAt === undefined ? undefined : Date.parse(retryAt) - now
    now += delay ?? 0
    return delay
  })
}

const failing = (code: ErrorCode, over: Partial<Outcome> = {}) =>
  ({ action: 'install', storageChanged: true, code, ...over }) as const
const installed = helmRelease({ memory: memory({ history: [snapshot(1)] }) })

function isAbout(actual: readonly (number | undefined)[], expected: readonly number[]): void {
  assert.is(actual.length, expected.length)
  for (const [index, delay] of actual.entries()) {
    const wanted = expected[index]!
    const jitter = wanted < 16 * minute ? 0.15 : 0.5
    assert.ok(delay !== undefined && Math.abs(delay - wanted) <= wanted * jitter, `${delay}`)
  }
}

test('tries a first install again soon, and then ever later, up to half an hour', () => {
  isAbout(delaysOf(helmRelease(), failing('InstallFailed'), 6), spaced)
})

test('tries what helm refused before it had made a revision in the same way', () => {
  const refused = failing('UpgradeFailed', { action: 'upgrade', storageChanged: false })
  isAbout(delaysOf(installed, refused, 6), spaced)
})

test('tries a rolled back upgrade again at once, and then ever later', () => {
  const failed = failing('UpgradeFailed', { action: 'upgrade' })
  isAbout(delaysOf({ ...installed, rollback }, failed, 5), [0, ...spaced.slice(1, 5)])
})

for (const code of [
  'KindNotServed',
  'ObjectInvalid',
  'ObjectNotOwned',
  'RenderFailed',
  'TargetNamespaceNotFound',
] as const)
  test(`tries ${code} again only in minutes, for the cluster must change first`, () => {
    isAbout(delaysOf(helmRelease(), failing(code, { storageChanged: false }), 4), late)
    const failed = failing(code, { action: 'upgrade' })
    isAbout(delaysOf({ ...installed, rollback }, failed, 2), late.slice(0, 2))
  })

for (const code of ['ValuesSchemaViolated', 'ObjectRefused'] as const)
  test(`does not try ${code} again by itself, which only an edit can mend`, () => {
    const violated = failing(code, { storageChanged: false })
    assert.equal(delaysOf(helmRelease(), violated, 1), [undefined])
  })

test('does not try again by itself what the spec wants tried no more', () => {
  const failed = failing('UpgradeFailed', { action: 'upgrade' })
  assert.equal(delaysOf(installed, failed, 1), [undefined])
  const exhausted = helmRelease({ maxInstallRetries: -1 })
  assert.equal(delaysOf(exhausted, failing('InstallFailed'), 1), [undefined])
  const once = { ...rollback, maxRetries: -1 }
  assert.equal(delaysOf({ ...installed, rollback: once }, failed, 1), [undefined])
})

test('tries a template that looks into the cluster again soon', () => {
  const facts = observed([])
  const content = '{{ lookup "v1" "Secret" "shop" "key" }}'
  facts.artifact = {
    ...facts.artifact,
    chart: {
      ...facts.artifact.chart,
      templates: { 'templates/a.yaml': Buffer.from(content).toString('base64') },
    },
  }
  const said = beginAction(helmRelease(), facts, { kind: 'install' })
  const { memory: after } = endAction(helmRelease({ memory: said.memory }), facts, {
    ...failing('RenderFailed', { storageChanged: false }),
    ...{ ok: false, message: 'no' },
  })
  isAbout([Date.parse(after.lastAttempt!.retryAt!) - noon], [15_000])
})

const failed = (over: Partial<Attempt>): HelmRelease =>
  helmRelease({ memory: memory({ lastAttempt: attempt({ failedAt: 'then', ...over }) }) })
const inAMinute = failed({ failures: 2, retryAt: new Date(noon + minute).toISOString() })

test('pauses until it is time, unless somebody asks or something else is wanted', () => {
  assert.is(mustPause(inAMinute, observed([])), true)
  assert.is(mustPause(inAMinute, observed([], { now: noon + minute })), false)
  assert.is(mustPause(inAMinute, observed([], { isAsked: true })), false)
  assert.is(mustPause(inAMinute, observed([], otherValues)), false)
  assert.is(mustPause({ ...inAMinute, generation: 2 }, observed([])), false)
})

test('pauses without end where only a change helps', () => {
  assert.is(retryTime(failed({ failures: 1 })), Infinity)
})

test('lets what has failed go behind what is wanted for the first time, or what somebody asks for', () => {
  assert.is(urgencyOf(inAMinute, observed([])), 'later')
  assert.is(urgencyOf(inAMinute, observed([], { isAsked: true })), 'asked')
  assert.is(urgencyOf(inAMinute, observed([], otherValues)), 'first')
  assert.is(urgencyOf(helmRelease(), observed([])), 'first')
})

test('begins anew with a new wish, and once the release is as it should be', () => {
  const upgrade = { kind: 'upgrade', because: 'values' } as const
  const { memory: same } = beginAction(inAMinute, observed([]), upgrade)
  assert.equal([same.lastAttempt?.failures, same.lastAttempt?.retryAt], [2, undefined])
  const { memory: other } = beginAction(inAMinute, observed([], otherValues), upgrade)
  assert.is(other.lastAttempt?.failures, undefined)
  const one = release(1, 'deployed')
  const state = { kind: 'inSync', release: one } as const
  const { memory: well } = concludePass(inAMinute, observed([one]), state, [])
  assert.equal([well.lastAttempt?.failures, well.lastAttempt?.retryAt], [undefined, undefined])
})

test('plans no attempt after a rollback that has failed', () => {
  const outcome: Outcome = { action: 'rollback', ok: false, storageChanged: true, message: 'no' }
  const { memory: after } = endAction(inAMinute, observed([release(1, 'deployed')]), outcome)
  assert.is(after.lastAttempt?.retryAt, undefined)
})

test('spreads releases that failed together', () => {
  const delays = new Set(
    Array.from({ length: 100 }, (_, index) => retryDelayMs(3, { id: `uid-${index}` })),
  )
  assert.ok(delays.size > 90)
})

test('never has three hundred failing installs come together again after ten minutes', () => {
  const attempts = new Array<number>(120).fill(0)
  for (let index = 0; index < 300; index += 1) {
    let at = 0
    for (let failures = 1; at < attempts.length * minute; failures += 1) {
      attempts[Math.floor(at / minute)]! += 1
      at += retryDelayMs(failures, { id: `uid-${index}` })
    }
  }
  const late = attempts.slice(10)
  assert.ok(Math.max(...late) <= 25, `${Math.max(...late)} in one minute`)
  const each = late.reduce((sum, count) => sum + count, 0) / late.length
  assert.ok(each <= 12, `${each} a minute`)
})

test.run()
