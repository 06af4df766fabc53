// The only author of statuses: what an action about to start, its outcome, and the end of a pass mean for the object's status.
import type { Action, Outcome } from '../model/action.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import type { Condition, Phase, Status } from '../model/status.ts'
import { unreachable } from '../util/unreachable.ts'
import { isTriedAlready, noteAttempt } from './attempt.ts'
import { chargeFailure, withoutFailures, withoutRetry } from './budget.ts'
import { snapshotOf } from './compare.ts'
import { adoptRevision, recordOutcome } from './history.ts'
import { concludeJournal, endJournal, openJournal, stopJournal } from './journal.ts'
import { enterPhase, setCondition } from './phase.ts'
import { hasInstallRetriesLeft, hasRetriesLeft, wasEverGood } from './remediation.ts'
import { reportProgress } from './waiting.ts'

type Doing = Exclude<Action['kind'], 'none' | 'uninstall' | 'unlock' | 'settle'>

const began: Record<Doing, Phase> = {
  install: 'Installing',
  upgrade: 'Upgrading',
  test: 'Testing',
  rollback: 'RollingBack',
}
const succeeded: Record<Doing, Phase> = {
  install: 'Deployed',
  upgrade: 'Deployed',
  test: 'Tested',
  rollback: 'RolledBack',
}
const failed: Record<Doing, Phase> = {
  install: 'DeployFailed',
  upgrade: 'DeployFailed',
  test: 'TestFailed',
  rollback: 'RollbackFailed',
}
// What a release is left in when it failed.
const standing: readonly Phase[] = ['DeployFailed', 'TestFailed', 'RolledBack', 'RollbackFailed']
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

/** The status with a chart that was fetched, if it is another one or could not be fetched before. */
export function noteFetched(desired: HelmRelease, artifact: Artifact, now: number): Status {
  const { status } = desired
  const fetched = status.conditions.find(({ type }) => type === 'ChartFetched')
  const isKnown =
    status.lastAttemptedRevision === artifact.revision ||
    // Another commit, but nothing in it that concerns the chart.
    status.lastAttempt?.chartDigest === artifact.digest
  if (fetched?.status === 'True' && isKnown) return status
  const { name, version } = artifact.chart
  const message = `Fetched chart ${name} ${version} for ${nameOf(desired)}`
  return enterPhase(status, 'ChartFetched', { message, now })
}

/** The status while an action runs; unchanged for actions that have no phase. */
export function beginAction(desired: HelmRelease, observed: Observed, action: Action): Status {
  if (!hasPhase(action.kind)) return desired.status
  const journal = openJournal(desired, observed.history, action.kind)
  return { ...beginPhase(desired, observed, action), journal }
}

function beginPhase(desired: HelmRelease, observed: Observed, action: Action): Status {
  const { chart, revision } = observed.artifact
  const { now } = observed
  switch (action.kind) {
    case 'install':
    case 'upgrade': {
      const verb = action.kind === 'install' ? 'Installing' : 'Upgrading'
      const message = `${verb} ${nameOf(desired)} with chart ${chart.name} ${chart.version}`
      const status = enterPhase(noteFetched(desired, observed.artifact, now), began[action.kind], {
        message,
        now,
      })
      return {
        ...status,
        lastAttemptedRevision: revision,
        lastAttempt: noteAttempt(desired, observed, action.kind),
        // Of a release that is gone, nothing that we know is of use.
        ...(action.kind === 'install' ? { history: [] } : {}),
        // A new wish starts with a full budget of retries.
        ...(isTriedAlready(desired, observed) ? {} : { rollbackCount: 0, installFailures: 0 }),
      }
    }
    case 'test': {
      const message = `Running the tests of ${nameOf(desired)}`
      return enterPhase(desired.status, 'Testing', { message, now })
    }
    case 'rollback': {
      const message = `Rolling back ${nameOf(desired)} to revision ${action.to}`
      return enterPhase(desired.status, 'RollingBack', { message, now })
    }
    default:
      return desired.status
  }
}

/** The status after an action; the outcome's message says why it failed. */
export function endAction(desired: HelmRelease, observed: Observed, outcome: Outcome): Status {
  const { action, ok, release } = outcome
  const { lastAttempt } = desired.status
  const { journal: _, ...ended } = endAttempt(desired.status, outcome, observed.now)
  const journal = endJournal(desired, outcome)
  const known = {
    ...ended,
    ...(journal && { journal }),
    // What could not be taken back is left at that.
    ...(action === 'rollback' && !ok && lastAttempt
      ? { lastAttempt: withoutRetry(lastAttempt) }
      : {}),
    history: recordOutcome(desired, observed, outcome),
    ...describeRelease(desired, release),
  }
  // What helm has applied is not deployed before it is ready.
  if (!hasPhase(action) || outcome.waitUntil !== undefined) return known
  const isIgnored = action === 'test' && desired.test.ignoreFailures
  const isFailure = !ok && !isIgnored && action !== 'rollback'
  const status = isFailure ? countFailure({ ...desired, status: known }, observed, outcome) : known
  return enterPhase(status, ok ? succeeded[action] : failed[action], {
    message: outcome.message + lastWords({ ...desired, status }, outcome),
    now: observed.now,
    ignoreTestFailure: desired.test.ignoreFailures,
  })
}

function endAttempt(status: Status, { action }: Outcome, now: number): Status {
  const { lastAttempt } = status
  if (lastAttempt === undefined || (action !== 'install' && action !== 'upgrade')) return status
  return { ...status, lastAttempt: { endedAt: new Date(now).toISOString(), ...lastAttempt } }
}

function countFailure(
  desired: HelmRelease,
  { artifact, history, now }: Observed,
  failed: Outcome,
): Status {
  const { status } = desired
  const { lastAttempt, installFailures = 0 } = status
  const [newest] = history
  const isInstalled = newest && snapshotOf(desired, newest)?.action === 'install'
  // What was waited for looks good until it is marked.
  const it = failed.storageChanged ? failed.release?.secret.uid : undefined
  const others = history.filter(({ secret }) => secret.uid !== it)
  const isFirst =
    failed.action === 'install' ||
    (failed.action === 'test' ? isInstalled || installFailures > 0 : !wasEverGood(desired, others))
  const counted = { ...status, installFailures: installFailures + (isFirst ? 1 : 0) }
  if (lastAttempt === undefined) return counted
  const { code, waitsFor = [] } = failed
  const retry = retryOf({ ...desired, status: counted }, failed, isFirst)
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
  const { status, rollback } = desired
  const rolledBack = { ...status, rollbackCount: status.rollbackCount + 1 }
  return rollback.enable && hasRetriesLeft({ ...desired, status: rolledBack }) ? 'atOnce' : 'never'
}

// Nobody is to wait for another try that there will not be.
function lastWords(desired: HelmRelease, { action, ok }: Outcome): string {
  const { status, rollback, maxInstallRetries } = desired
  const counted = { ...desired, status: { ...status, rollbackCount: status.rollbackCount + 1 } }
  const isLast =
    action === 'rollback'
      ? ok && rollback.retry && !hasRetriesLeft(counted)
      : !ok &&
        (status.installFailures ?? 0) > 0 &&
        maxInstallRetries > 0 &&
        !hasInstallRetriesLeft(desired)
  return isLast ? '; no retries are left' : ''
}

/** The status at the end of a pass that came to a state, whatever was done on the way. */
export function concludePass(
  desired: HelmRelease,
  observed: Observed,
  state: ReleaseState,
  outcomes: readonly Outcome[],
): Status {
  const { journal: _, ...known } = withRelease(desired, observed, state)
  const journal = concludeJournal(desired, state)
  const status = { ...known, ...(journal && { journal }) }
  const { now } = observed
  switch (state.kind) {
    case 'inSync':
    case 'untested':
      return outcomes.at(-1)?.action === 'rollback'
        ? status
        : succeed({ ...desired, status }, observed, state)
    case 'failed':
      return snapshotOf(desired, state.release) === undefined
        ? enterPhase(status, 'Failed', { message: failedMessage(desired, state.release), now })
        : standBy(status, now)
    case 'rollingOut':
      return reportProgress(desired, status, { now, progress: state.progress })
    case 'locked':
      return withReady(status, observed, lockedMessage(desired, state))
    case 'absent':
    case 'outOfSync':
    case 'rolledBack':
      return standBy(status, now)
    case 'unmanaged':
      return status
    default:
      return unreachable(state)
  }
}

/** The status after a pass that an error stopped; the same object when it says so already. */
export function reportFailure(
  desired: HelmRelease,
  failure: { code: ErrorCode; message: string; now: number },
): Status {
  const phase = chartFailures.includes(failure.code) ? 'ChartFetchFailed' : 'Failed'
  const observedGeneration = Math.max(desired.status.observedGeneration, desired.generation)
  const { journal: _, ...known } = desired.status
  const journal = stopJournal(desired)
  const status = { ...known, observedGeneration, ...(journal && { journal }) }
  const said = status.conditions.find(({ type }) => type === 'Ready')
  if (status.phase === phase && said?.status === 'False' && said.message === failure.message)
    return observedGeneration === desired.status.observedGeneration &&
      journal === desired.status.journal
      ? desired.status
      : status
  return enterPhase(status, phase, failure)
}

function hasPhase(kind: Action['kind']): kind is Doing {
  return kind in began
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
): Status {
  const { lastAttempt, lastAttemptedRevision } = desired.status
  const status = {
    ...desired.status,
    ...(lastAttempt && { lastAttempt: withoutFailures(lastAttempt) }),
    history: adoptRevision(desired, observed, state.release),
  }
  const message = `${capital(nameOf(desired))} is in sync`
  const settled = isSucceeded(status)
    ? status
    : enterPhase(status, 'Succeeded', { message, now: observed.now })
  return lastAttempt?.revision === state.release.revision && lastAttemptedRevision !== undefined
    ? { ...settled, revision: lastAttemptedRevision }
    : settled
}

function isSucceeded({ phase, conditions }: Status): boolean {
  const isTrue = (wanted: Condition['type']) =>
    conditions.some(({ type, status }) => type === wanted && status === 'True')
  return phase === 'Succeeded' && isTrue('Released') && isTrue('Ready')
}

// Nothing is done about a failure that stands. What has passed since, such as a repository that did not answer, had the last
// word until now.
function standBy(status: Status, now: number): Status {
  const isStanding = (reason: string | undefined): reason is Phase =>
    standing.some((phase) => phase === reason)
  if (isStanding(status.phase)) return withStandingReady(status, status.phase, now)
  const failure = status.conditions.findLast(({ reason }) => isStanding(reason))
  if (failure === undefined || !isStanding(failure.reason)) return status
  const { reason, message } = failure
  return { ...enterPhase(status, reason, { message, now }), rollbackCount: status.rollbackCount }
}

// fluxcd/helm-operator knew no Ready: what it left standing says so there, too.
function withStandingReady(status: Status, phase: Phase, now: number): Status {
  if (status.conditions.some(({ type }) => type === 'Ready')) return status
  const said = status.conditions.findLast(({ reason }) => reason === phase)
  const message = said?.message ?? 'What was tried last has failed, and nothing has changed since'
  return setCondition(status, { type: 'Ready', status: 'False', reason: phase, message }, now)
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

// Whoever waits for a condition of the newest generation must not take the last one's for it: as long as a release rolls out, or
// is in other hands, nothing is known of the newest.
function withRelease(desired: HelmRelease, observed: Observed, state: ReleaseState): Status {
  const { generation, status } = desired
  const isOpen = state.kind === 'rollingOut' || state.kind === 'locked'
  return {
    ...status,
    observedGeneration: Math.max(status.observedGeneration, isOpen ? 0 : generation),
    ...describeRelease(desired, observed.history[0]),
  }
}

// What is gone keeps the last word.
function describeRelease(
  { releaseName, targetNamespace }: HelmRelease,
  release: Release | undefined,
): Partial<Status> {
  if (release === undefined) return {}
  return { releaseName, releaseNamespace: targetNamespace, releaseStatus: release.status }
}

function withReady(status: Status, { now }: Observed, message: string): Status {
  const before = status.conditions.find(({ type }) => type === 'Ready')
  if (before?.status === 'Unknown' && before.message === message) return status
  return setCondition(status, { type: 'Ready', status: 'Unknown', reason: 'Locked', message }, now)
}
