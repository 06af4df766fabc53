// What was being done when a status was written? It is noted before helm starts, and again when helm has ended.
import type { Outcome } from '../model/action.ts'
import type { ReleaseState } from '../model/observed.ts'
import type { HelmRelease, History, Release } from '../model/release.ts'
import type { Journal } from '../model/memory.ts'
import { isInterrupted } from './unlock.ts'

type Action = Journal['action']
const actions: readonly string[] = ['install', 'upgrade', 'test', 'rollback'] satisfies Action[]

/** The note of an action that is about to begin. */
export function openJournal(
  { generation }: HelmRelease,
  history: History,
  action: Action,
): Journal {
  const newest = history[0]?.revision ?? 0
  return { action, revision: action === 'test' ? newest : newest + 1, generation, stage: 'begun' }
}

/** The note after an action; none after one that nothing follows from. */
export function endJournal(
  desired: HelmRelease,
  { action, ok, release, waitUntil }: Outcome,
): Journal | undefined {
  if (!isJournaled(action)) return action === 'uninstall' ? undefined : desired.memory.journal
  const stage = waitUntil !== undefined ? 'applied' : ok ? 'succeeded' : 'failed'
  const before = desired.memory.journal
  const { revision = before?.revision ?? 0 } = release ?? {}
  return { action, revision, generation: before?.generation ?? desired.generation, stage }
}

/** The note at the end of a pass that came to a state. That a rollback failed is kept: it is not tried again by itself. */
export function concludeJournal(
  { memory: { journal } }: HelmRelease,
  { kind }: ReleaseState,
): Journal | undefined {
  if (kind === 'inSync' || kind === 'untested') return undefined
  const isOver = journal?.stage === 'succeeded' || journal?.stage === 'failed'
  return isOver && !isFailedRollback(journal) ? undefined : journal
}

/** The note after a pass that an error stopped: helm is not at work any more. */
export function stopJournal({ memory: { journal } }: HelmRelease): Journal | undefined {
  return isOpen(journal) ? undefined : journal
}

/** Is a change of ours noted as begun and not as ended? Its operator was killed, or is about to say more. */
export function isUnfinished({ memory: { journal } }: HelmRelease): boolean {
  return isOpen(journal) && journal?.action !== 'test'
}

/** Was helm at work for us when this was noted? */
export function isAtWork(desired: HelmRelease): boolean {
  return isUnfinished(desired) && desired.memory.journal?.stage === 'begun'
}

/** Was the attempt noted, but helm never came to it? */
export function isUnbegun(desired: HelmRelease, newest: Release): boolean {
  const { journal, lastAttempt } = desired.memory
  const isChange = journal?.action === 'install' || journal?.action === 'upgrade'
  return (
    isChange &&
    isOpen(journal) &&
    lastAttempt !== undefined &&
    newest.revision < lastAttempt.revision
  )
}

/** Did a rollback of ours make this revision, although nobody could note how it ended? */
export function isRollbackOf({ memory: { journal } }: HelmRelease, newest: Release): boolean {
  return journal?.action === 'rollback' && isOpen(journal) && newest.revision === journal.revision
}

/** Was this revision left by a rollback of ours that nobody let end? */
export function isCutRollback(desired: HelmRelease, newest: Release): boolean {
  return isRollbackOf(desired, newest) && isInterrupted(newest.description)
}

/** Has the last rollback failed, so that it is left at that? */
export function isRollbackFailed({ memory: { journal } }: HelmRelease): boolean {
  return isFailedRollback(journal)
}

/** Was a change or a test of it noted whose objects may not bear their owner's mark yet? */
export function isUnmarked({ memory: { journal } }: HelmRelease): boolean {
  if (journal?.action === 'test') return journal.stage !== 'failed'
  return journal?.stage === 'succeeded'
}

function isFailedRollback(journal: Journal | undefined): boolean {
  return journal?.action === 'rollback' && journal.stage === 'failed'
}

function isOpen(journal: Journal | undefined): boolean {
  return journal?.stage === 'begun' || journal?.stage === 'applied'
}

/** Is it noted while it is done? Everything that starts helm is, but an uninstall: no release is left to go on with. */
export function isJournaled(action: Outcome['action']): action is Action {
  return actions.includes(action)
}
