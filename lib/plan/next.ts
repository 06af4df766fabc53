// What is to be done next? One action at a time, each kind once a pass; a remediation ends the pass. What a pass before this one
// did does not count: it was about what was wanted then.
import type { Action, Outcome } from '../model/action.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import { unreachable } from '../util/unreachable.ts'
import { isTriedAlready } from './attempt.ts'
import { mustPause } from './budget.ts'
import { snapshotOf } from './compare.ts'
import { isCutRollback, isRollbackFailed } from './journal.ts'
import { hasInstallRetriesLeft, remedyFor } from './remediation.ts'
import { settleOrWait } from './waiting.ts'

const none = { kind: 'none' } as const

/** The next step of a pass, given what was done in it so far. */
export function nextAction(
  desired: HelmRelease,
  observed: Observed,
  state: ReleaseState,
  outcomes: readonly Outcome[],
): Action {
  const last = outcomes.at(-1)
  if (last !== undefined && isRemediation(last) && !last.recovered) return none
  if (last !== undefined && !last.ok) return afterFailure(desired, observed, last)
  const action = actionFor(desired, observed, state)
  if (action.kind === 'settle' && outcomes.some(({ settled }) => settled)) return none
  const isDone = outcomes.some((outcome) => !outcome.recovered && outcome.action === action.kind)
  return isDone ? none : action
}

/** Is there a helm process to be started for it? */
export function needsHelm({ kind }: Action): boolean {
  return !['settle', 'unlock', 'none'].includes(kind)
}

/** Does this end a pass although there may be something left to do, which a pass right after it would find? */
export function isFollowedUp(
  desired: HelmRelease,
  observed: Observed,
  state: ReleaseState,
  outcomes: readonly Outcome[],
): boolean {
  const last = outcomes.at(-1)
  if (last === undefined || !isRemediation(last)) return false
  const unasked = { ...observed, isAsked: false }
  return nextAction(desired, unasked, state, []).kind !== 'none'
}

function isRemediation({ action }: Outcome): boolean {
  return action === 'rollback' || action === 'uninstall'
}

function actionFor(desired: HelmRelease, observed: Observed, state: ReleaseState): Action {
  switch (state.kind) {
    case 'absent':
      return mayInstall(desired, observed) ? { kind: 'install' } : none
    case 'locked':
      return observed.now < state.until
        ? none
        : { kind: 'unlock', revision: state.release.revision }
    case 'outOfSync':
      return mustPause(desired, observed) ? none : { kind: 'upgrade', because: state.because }
    case 'rollingOut':
      return settleOrWait(desired, observed, state)
    case 'untested':
      return { kind: 'test' }
    case 'failed':
      return isRemedyDue(desired, state.release) ? remedyFor(desired, observed.history) : none
    case 'unmanaged':
    case 'rolledBack':
    case 'inSync':
      return none
    default:
      return unreachable(state)
  }
}

function mayInstall(desired: HelmRelease, observed: Observed): boolean {
  const { history, installFailures = 0 } = desired.memory
  // What we put there was taken away, and not by us: we would have forgotten it.
  if (history.length > 0) return true
  if (installFailures === 0 || !isTriedAlready(desired, observed)) return true
  return hasInstallRetriesLeft(desired) && !mustPause(desired, observed)
}

// A pass that was cut short may have left a failure of ours without its remedy. Somebody else's is not ours to remedy.
function isRemedyDue(desired: HelmRelease, failed: Release): boolean {
  if (isCutRollback(desired, failed)) return true
  const snapshot = snapshotOf(desired, failed)
  return snapshot !== undefined && snapshot.action !== 'rollback' && !isRollbackFailed(desired)
}

function afterFailure(desired: HelmRelease, observed: Observed, failed: Outcome): Action {
  switch (failed.action) {
    case 'install':
    case 'upgrade':
      // Whatever failed before it left a revision has done no harm.
      return failed.storageChanged ? remedyFor(desired, observed.history) : none
    case 'test':
      return desired.test.ignoreFailures ? none : remedyFor(desired, observed.history)
    default:
      return none
  }
}
