// A report as a phase and conditions of the first generation.
import type { Journal } from '../../model/memory.ts'
import type { Report } from '../../model/report.ts'
import { unreachable } from '../../util/unreachable.ts'
import { enterPhase, setCondition } from './phase.ts'
import { type Condition, type Phase, progressingReason, type Shown } from './shown.ts'

type Action = Journal['action']

const began: Record<Action, Phase> = {
  install: 'Installing',
  upgrade: 'Upgrading',
  test: 'Testing',
  rollback: 'RollingBack',
}
const succeeded: Record<Action, Phase> = {
  install: 'Deployed',
  upgrade: 'Deployed',
  test: 'Tested',
  rollback: 'RolledBack',
}
const failed: Record<Action, Phase> = {
  install: 'DeployFailed',
  upgrade: 'DeployFailed',
  test: 'TestFailed',
  rollback: 'RollbackFailed',
}
// What a release is left in when it failed.
const standing: readonly Phase[] = ['DeployFailed', 'TestFailed', 'RolledBack', 'RollbackFailed']

/** What is shown after a report; the same object when that says nothing new. */
export function showReport(shown: Shown, report: Report): Shown {
  const { now } = report
  switch (report.what) {
    case 'retargeted':
      return { conditions: shown.conditions.filter(({ type }) => ofAnyRelease.includes(type)) }
    case 'fetched': {
      const isShown = statusOf(shown, 'ChartFetched') === 'True' && !report.isNew
      return isShown ? shown : enterPhase(shown, 'ChartFetched', report)
    }
    case 'begun':
      return enterPhase(shown, began[report.action], report)
    case 'ended': {
      const { action, ok, isIgnored: ignoreTestFailure, message } = report
      const phase = (ok ? succeeded : failed)[action]
      return enterPhase(shown, phase, { message, now, ignoreTestFailure })
    }
    case 'progress':
      return withReady(shown, progressingReason, report)
    case 'queued':
      return showWait(shown, report)
    case 'locked':
      return withReady(shown, 'Locked', report)
    case 'succeeded':
      return isSucceeded(shown) ? shown : enterPhase(shown, 'Succeeded', report)
    case 'stuck':
      return enterPhase(shown, 'Failed', report)
    case 'unchanged':
      return restoreFailure(shown, now)
    case 'stopped': {
      const phase = report.ofChart ? 'ChartFetchFailed' : 'Failed'
      const ready = find(shown, 'Ready')
      const isShown =
        shown.phase === phase && ready?.status === 'False' && ready.message === report.message
      return isShown ? shown : enterPhase(shown, phase, report)
    }
    default:
      return unreachable(report)
  }
}

const ofAnyRelease: readonly Condition['type'][] = ['ChartFetched', 'Ready']

function find({ conditions }: Shown, wanted: Condition['type']): Condition | undefined {
  return conditions.find(({ type }) => type === wanted)
}

function statusOf(shown: Shown, type: Condition['type']): Condition['status'] | undefined {
  return find(shown, type)?.status
}

// The phase stays: it tells what is waited with.
function withReady(
  shown: Shown,
  reason: string,
  { message, now }: { message: string; now: number },
): Shown {
  const before = find(shown, 'Ready')
  const isShown =
    before?.status === 'Unknown' && before.reason === reason && before.message === message
  if (isShown) return shown
  const ready = { type: 'Ready', status: 'Unknown', reason, message } as const
  return { ...shown, conditions: setCondition(shown.conditions, ready, now) }
}

// Between the failure of the last try and what the next one waits for.
const nextTry = '. The next try waits for '

function showWait(shown: Shown, { waitsFor, now }: Report & { what: 'queued' }): Shown {
  const before = find(shown, 'Ready')
  if (before?.status !== 'False')
    return withReady(shown, 'Waiting', { message: `Waiting for ${waitsFor}`, now })
  const { type, status, reason } = before
  const message = `${failureOf(before.message)}${nextTry}${waitsFor}`
  const conditions = setCondition(shown.conditions, { type, status, reason, message }, now)
  return { ...shown, conditions }
}

/** The failure that a message tells of, without what the next try waits for. */
export function failureOf(message: string): string {
  return message.split(nextTry)[0] ?? message
}

function isSucceeded(shown: Shown): boolean {
  return (
    shown.phase === 'Succeeded' &&
    statusOf(shown, 'Released') === 'True' &&
    statusOf(shown, 'Ready') === 'True'
  )
}

// What has passed since the failure, such as a repository that did not answer, had the last word until now.
function restoreFailure(shown: Shown, now: number): Shown {
  const isStanding = (reason: string | undefined): reason is Phase =>
    standing.some((phase) => phase === reason)
  if (isStanding(shown.phase)) return withFailedReady(shown, shown.phase, now)
  const failure = shown.conditions.findLast(({ reason }) => isStanding(reason))
  if (failure === undefined || !isStanding(failure.reason)) return shown
  return enterPhase(shown, failure.reason, { message: failure.message, now })
}

// fluxcd/helm-operator knew no Ready: what it left standing says so there, too.
function withFailedReady(shown: Shown, phase: Phase, now: number): Shown {
  if (find(shown, 'Ready') !== undefined) return shown
  const said = shown.conditions.findLast(({ reason }) => reason === phase)
  const message = said?.message ?? 'What was tried last has failed, and nothing has changed since'
  const ready = { type: 'Ready', status: 'False', reason: phase, message } as const
  return { ...shown, conditions: setCondition(shown.conditions, ready, now) }
}
