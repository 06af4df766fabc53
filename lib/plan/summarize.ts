// What an action about to start, its outcome, and the end of a pass mean for what is remembered and what is told.
import type { Action, Outcome } from '../model/action.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { Journal, Memory } from '../model/memory.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Report, Said } from '../model/report.ts'
import type { Artifact } from '../model/source.ts'
import { unreachable } from '../util/unreachable.ts'
import { isTriedAlready, noteAttempt } from './attempt.ts'
import { chargeFailure, withoutFailures, withoutRetry } from './budget.ts'
import { snapshotOf } from './compare.ts'
import { adoptRevision, recordOutcome } from './history.ts'
import { concludeJournal, endJournal, isJournaled, openJournal, stopJournal } from './journal.ts'
import { startAfresh } from './move.ts'
import { hasInstallRetriesLeft, hasRetriesLeft, wasEverGood } from './remediation.ts'
import { progressMessage } from './waiting.ts'

const chartFailures: readonly ErrorCode[] = [
  'ChartSourceInvalid',
  'RepositoryUnreachable',
  'RepositoryRefused',
  'RepositoryIndexInvalid',
  'ChartNotFound',
  'ChartVersionNotFound',
  'ChartInvalid',
  'GitUnreachable',
  'GitRefused',
  'GitRefNotFound',
  'GitPathNotFound',
  'DependencyUpdateFailed',
]

/** Goes on with the release that the spec names now, of which nothing is known yet. */
export function leaveRelease(desired: HelmRelease, now: number): Said {
  return { memory: startAfresh(desired), reports: [{ what: 'retargeted', now }] }
}

/** What is said of a chart that was fetched. */
export function noteFetched(desired: HelmRelease, artifact: Artifact, now: number): Said {
  return { memory: desired.memory, reports: [reportFetched(desired, artifact, now)] }
}

function reportFetched(desired: HelmRelease, artifact: Artifact, now: number): Report {
  const { lastAttemptedRevision, lastAttempt } = desired.memory
  const isNew =
    lastAttemptedRevision !== artifact.revision &&
    // Another commit, but nothing in it that concerns the chart.
    lastAttempt?.chartDigest !== artifact.digest
  const { name, version } = artifact.chart
  const message = `Fetched chart ${name} ${version} for ${nameOf(desired)}`
  return { what: 'fetched', isNew, message, now }
}

/** What is said while an action runs; nothing for actions that start no helm. */
export function beginAction(desired: HelmRelease, observed: Observed, action: Action): Said {
  const { memory } = desired
  if (!isJournaled(action.kind)) return { memory, reports: [] }
  const { artifact, history, now } = observed
  const message = announce(desired, observed, action)
  const begun: Report = { what: 'begun', action: action.kind, message, now }
  const journal = openJournal(desired, history, action.kind)
  if (action.kind !== 'install' && action.kind !== 'upgrade')
    return { memory: { ...memory, journal }, reports: [begun] }
  return {
    memory: {
      ...memory,
      journal,
      lastAttemptedRevision: artifact.revision,
      lastAttempt: noteAttempt(desired, observed, action.kind),
      // Of a release that is gone, nothing that we know is of use.
      ...(action.kind === 'install' ? { history: [] } : {}),
      // A new wish starts with a full budget of retries.
      ...(isTriedAlready(desired, observed) ? {} : { rollbackCount: 0, installFailures: 0 }),
    },
    reports: [reportFetched(desired, artifact, now), begun],
  }
}

function announce(desired: HelmRelease, { artifact: { chart } }: Observed, action: Action): string {
  const what = nameOf(desired)
  switch (action.kind) {
    case 'install':
      return `Installing ${what} with chart ${chart.name} ${chart.version}`
    case 'upgrade':
      return `Upgrading ${what} with chart ${chart.name} ${chart.version}`
    case 'test':
      return `Running the tests of ${what}`
    case 'rollback':
      return `Rolling back ${what} to revision ${action.to}`
    default:
      return ''
  }
}

/** What is said after an action; the outcome's message says why it failed. */
export function endAction(desired: HelmRelease, observed: Observed, outcome: Outcome): Said {
  const { action, ok, release, message } = outcome
  const known: Memory = {
    ...withJournal(endAttempt(desired.memory, outcome, observed.now), endJournal(desired, outcome)),
    history: recordOutcome(desired, observed, outcome),
    ...describeRelease(desired, release),
  }
  // What helm has applied is not deployed before it is ready.
  if (!isJournaled(action) || outcome.waitUntil !== undefined) return { memory: known, reports: [] }
  const isIgnored = action === 'test' && desired.test.ignoreFailures
  const isFailure = !ok && !isIgnored && action !== 'rollback'
  const counted = isFailure ? countFailure({ ...desired, memory: known }, observed, outcome) : known
  const isRolledBack = action === 'rollback' && ok
  const memory = isRolledBack ? { ...counted, rollbackCount: counted.rollbackCount + 1 } : counted
  const last = isLast({ ...desired, memory }, outcome) ? '; no retries are left' : ''
  return {
    memory,
    reports: [{ what: 'ended', action, ok, isIgnored, message: message + last, now: observed.now }],
  }
}

function endAttempt(memory: Memory, { action, ok }: Outcome, now: number): Memory {
  const { lastAttempt } = memory
  if (lastAttempt === undefined) return memory
  // What could not be taken back is left at that.
  if (action === 'rollback' && !ok) return { ...memory, lastAttempt: withoutRetry(lastAttempt) }
  if (action !== 'install' && action !== 'upgrade') return memory
  return { ...memory, lastAttempt: { endedAt: new Date(now).toISOString(), ...lastAttempt } }
}

function withJournal({ journal: _, ...memory }: Memory, journal: Journal | undefined): Memory {
  return journal === undefined ? memory : { ...memory, journal }
}

function countFailure(
  desired: HelmRelease,
  { artifact, history, now }: Observed,
  failed: Outcome,
): Memory {
  const { memory } = desired
  const { lastAttempt, installFailures = 0 } = memory
  const [newest] = history
  const isInstalled = newest && snapshotOf(desired, newest)?.action === 'install'
  // What was waited for looks good until it is marked.
  const it = failed.storageChanged ? failed.release?.secret.uid : undefined
  const others = history.filter(({ secret }) => secret.uid !== it)
  const isFirst =
    failed.action === 'install' ||
    (failed.action === 'test' ? isInstalled || installFailures > 0 : !wasEverGood(desired, others))
  const counted = { ...memory, installFailures: installFailures + (isFirst ? 1 : 0) }
  if (lastAttempt === undefined) return counted
  const { code, waitsFor = [] } = failed
  const retry = retryOf({ ...desired, memory: counted }, failed, isFirst)
  const what = { uid: desired.uid, chart: artifact.chart }
  return {
    ...counted,
    lastAttempt: chargeFailure(what, lastAttempt, { now, code, retry, waitsFor }),
  }
}

// Is it to be tried again although nothing has changed? A release that never was good is, and what helm refused before it had
// changed anything; what is rolled back, where the spec says so, and then at once for the first time.
function retryOf(
  desired: HelmRelease,
  { action, storageChanged }: Outcome,
  isFirst: boolean,
): 'never' | 'spaced' | 'atOnce' {
  if (isFirst) return hasInstallRetriesLeft(desired) ? 'spaced' : 'never'
  if (action === 'upgrade' && !storageChanged) return 'spaced'
  const { memory, rollback } = desired
  const rolledBack = { ...memory, rollbackCount: memory.rollbackCount + 1 }
  return rollback.enable && hasRetriesLeft({ ...desired, memory: rolledBack }) ? 'atOnce' : 'never'
}

// It is said when no other attempt follows, so that people do not wait for one.
function isLast(desired: HelmRelease, { action, ok }: Outcome): boolean {
  const { memory, rollback, maxInstallRetries } = desired
  if (action === 'rollback') return ok && rollback.retry && !hasRetriesLeft(desired)
  const isInstall = (memory.installFailures ?? 0) > 0 && maxInstallRetries > 0
  return !ok && isInstall && !hasInstallRetriesLeft(desired)
}

/** What is said at the end of a pass that came to a state, whatever was done on the way. */
export function concludePass(
  desired: HelmRelease,
  observed: Observed,
  state: ReleaseState,
  outcomes: readonly Outcome[],
): Said {
  const known = withRelease(desired, observed, state)
  const memory = withJournal(known, concludeJournal(desired, state))
  const { now } = observed
  const say = (report: Report): Said => ({ memory, reports: [report] })
  switch (state.kind) {
    case 'inSync':
    case 'untested':
      if (outcomes.at(-1)?.action === 'rollback') return { memory, reports: [] }
      return succeed({ ...desired, memory }, observed, state)
    case 'failed':
      if (snapshotOf(desired, state.release) !== undefined) return say({ what: 'unchanged', now })
      return say({ what: 'stuck', message: failedMessage(desired, state.release), now })
    case 'rollingOut':
      return say({ what: 'progress', message: progressMessage(desired, state.progress), now })
    case 'locked':
      return say({ what: 'locked', message: lockedMessage(desired, state), now })
    case 'absent':
    case 'outOfSync':
    case 'rolledBack':
      return say({ what: 'unchanged', now })
    case 'unmanaged':
      return { memory, reports: [] }
    default:
      return unreachable(state)
  }
}

/** What is said after a pass that an error stopped. */
export function reportFailure(
  desired: HelmRelease,
  { code, message, now }: { code: ErrorCode; message: string; now: number },
): Said {
  const { memory, generation } = desired
  const observedGeneration = Math.max(memory.observedGeneration, generation)
  return {
    memory: withJournal({ ...memory, observedGeneration }, stopJournal(desired)),
    reports: [{ what: 'stopped', ofChart: chartFailures.includes(code), message, now }],
  }
}

function nameOf({ releaseName, targetNamespace }: HelmRelease): string {
  return `release "${releaseName}" in namespace "${targetNamespace}"`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function succeed(
  desired: HelmRelease,
  observed: Observed,
  state: ReleaseState & { kind: 'inSync' | 'untested' },
): Said {
  const { lastAttempt, lastAttemptedRevision } = desired.memory
  const isAttempt = lastAttempt?.revision === state.release.revision
  const message = `${capital(nameOf(desired))} is in sync`
  return {
    memory: {
      ...desired.memory,
      ...(lastAttempt && { lastAttempt: withoutFailures(lastAttempt) }),
      history: adoptRevision(desired, observed, state.release),
      ...(isAttempt && lastAttemptedRevision !== undefined
        ? { revision: lastAttemptedRevision }
        : {}),
      ...{ rollbackCount: 0, installFailures: 0 },
    },
    reports: [{ what: 'succeeded', message, now: observed.now }],
  }
}

// Helm leaves no word of who is at work, so that the revision and its times are all there is to say.
function lockedMessage(
  desired: HelmRelease,
  { release, until }: ReleaseState & { kind: 'locked' },
): string {
  const { revision, status, deployedAt } = release
  const since = deployedAt === undefined ? '' : ` since ${timeOf(Date.parse(deployedAt))}`
  return (
    `Waiting for another helm to end its work on ${nameOf(desired)}: revision ${revision} is ${status}${since}. ` +
    `At ${timeOf(until)} it is taken for dead, and the operator goes on`
  )
}

function timeOf(at: number): string {
  return Number.isNaN(at) ? 'an unknown time' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}

function failedMessage(desired: HelmRelease, { description }: Release): string {
  return (
    `${capital(nameOf(desired))} failed and nothing has changed since: ${description}. ` +
    'Change the spec, the chart or the values, or roll back with helm'
  )
}

// People and programs wait for a condition of the newest generation: as long as a release rolls out, or is in other hands, what
// is told is not yet about that.
function withRelease(desired: HelmRelease, observed: Observed, state: ReleaseState): Memory {
  const { generation, memory } = desired
  const isOpen = state.kind === 'rollingOut' || state.kind === 'locked'
  return {
    ...memory,
    observedGeneration: Math.max(memory.observedGeneration, isOpen ? 0 : generation),
    ...describeRelease(desired, observed.history[0]),
  }
}

// What is gone keeps the last word.
function describeRelease(
  { releaseName, targetNamespace }: HelmRelease,
  release: Release | undefined,
): Partial<Memory> {
  if (release === undefined) return {}
  return { releaseName, releaseNamespace: targetNamespace, releaseStatus: release.status }
}
