// What did the operator before us do that it could not say any more? It was killed between helm's end and its own next word.
import type { Outcome } from '../model/action.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Snapshot } from '../model/memory.ts'
import { snapshotOf } from './compare.ts'
import { isRollbackOf } from './journal.ts'
import { attemptHere, isAttempted } from './ownership.ts'
import { rollbackTarget } from './remediation.ts'
import { isInterrupted } from './unlock.ts'
import { waitTimeoutMs, whoWaits } from './waiting.ts'

type Change = Snapshot['action']

const words: Record<Change, { verb: string; done: string; code: ErrorCode }> = {
  install: { verb: 'install', done: 'Installed', code: 'InstallFailed' },
  upgrade: { verb: 'upgrade', done: 'Upgraded', code: 'UpgradeFailed' },
  rollback: { verb: 'roll back', done: 'Rolled back', code: 'RollbackFailed' },
}

/** The outcome of a change of ours that no status tells of; undefined when there is none. Helm's storage says how it ended. */
export function recoverOutcome(desired: HelmRelease, observed: Observed): Outcome | undefined {
  const [newest] = observed.history
  if (newest === undefined || snapshotOf(desired, newest) !== undefined) return undefined
  if (observed.foreignOwnerId !== undefined) return undefined
  const action = changeThatMade(desired, newest)
  if (action === undefined || isInterrupted(newest.description)) return undefined
  const { verb, done, code } = words[action]
  const what = `release "${desired.releaseName}" in namespace "${desired.targetNamespace}"`
  const base = { action, storageChanged: true, release: newest, recovered: true } as const
  if (newest.status === 'failed')
    return { ...base, ok: false, code, message: `Cannot ${verb} ${what}: ${newest.description}` }
  if (newest.status !== 'deployed') return undefined
  const message = `${done} ${what} with chart ${newest.chart.name} ${newest.chart.version}`
  return { ...base, ok: true, message, ...waitOf(desired, observed, action, newest) }
}

// Both notes were written before helm began, with the number of the revision that it would make.
function changeThatMade(desired: HelmRelease, newest: Release): Change | undefined {
  if (isAttempted(desired, newest)) return attemptHere(desired)?.action
  return isRollbackOf(desired, newest) ? 'rollback' : undefined
}

function waitOf(
  desired: HelmRelease,
  { artifact, history }: Observed,
  action: Change,
  newest: Release,
): Pick<Outcome, 'waitUntil' | 'replaced'> {
  const { hookEvents } = action === 'rollback' ? newest : artifact
  if (whoWaits(desired, action, hookEvents) !== 'operator') return {}
  const begun = Date.parse(newest.deployedAt ?? '') || 0
  const replaced = rollbackTarget(desired, history)?.revision
  return {
    waitUntil: new Date(begun + waitTimeoutMs(desired, action)).toISOString(),
    ...(replaced === undefined ? {} : { replaced }),
  }
}
