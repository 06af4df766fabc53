// What is to be done next? One action at a time, each kind once a pass; a remediation ends the pass.
import type { Action, Outcome } from '../model/action.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease } from '../model/release.ts'
import { unreachable } from '../util/unreachable.ts'
import { rollbackTarget } from './remediation.ts'
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
  if (last?.action === 'rollback' || last?.action === 'uninstall') return none
  if (last !== undefined && !last.ok) return remedyFor(desired, observed, last, outcomes)
  const action = actionFor(desired, observed, state)
  if (action.kind === 'settle' && outcomes.some(({ settled }) => settled)) return none
  return outcomes.some((outcome) => outcome.action === action.kind) ? none : action
}

function actionFor(desired: HelmRelease, observed: Observed, state: ReleaseState): Action {
  switch (state.kind) {
    case 'absent':
      return { kind: 'install' }
    case 'locked':
      return observed.now < state.until
        ? none
        : { kind: 'unlock', revision: state.release.revision }
    case 'outOfSync':
      return { kind: 'upgrade', because: state.because }
    case 'rollingOut':
      return settleOrWait(desired, observed, state)
    case 'untested':
      return { kind: 'test' }
    case 'unmanaged':
    case 'failed':
    case 'rolledBack':
    case 'inSync':
      return none
    default:
      return unreachable(state)
  }
}

function remedyFor(
  desired: HelmRelease,
  observed: Observed,
  failed: Outcome,
  outcomes: readonly Outcome[],
): Action {
  if (failed.action !== 'install' && failed.action !== 'upgrade' && failed.action !== 'test')
    return none
  if (failed.action === 'test' && desired.test.ignoreFailures) return none
  if (outcomes.some(({ action }) => action === 'install'))
    return observed.history.length > 0 && desired.onInstallFailure === 'purge'
      ? { kind: 'uninstall' }
      : none
  const target = rollbackTarget(desired, observed.history)
  const hasNewRevision = failed.action === 'test' || failed.storageChanged
  if (!desired.rollback.enable || !hasNewRevision || target === undefined) return none
  return { kind: 'rollback', to: target.revision }
}
