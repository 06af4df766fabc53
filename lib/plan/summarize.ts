// The only author of statuses: what an action about to start, its outcome, and the end of a pass mean for the object's status.
import type { Action, Outcome } from '../model/action.ts'
import type { ErrorCode } from '../model/errors.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Condition, Phase, Snapshot, Status } from '../model/status.ts'
import { snapshotOf } from './compare.ts'
import { enterPhase, setCondition } from './phase.ts'
import { reportProgress } from './waiting.ts'

// Enough to find the revision before a rollback, little enough to cost nothing in the object.
const keptSnapshots = 5

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

/** The status while an action runs; unchanged for actions that have no phase. */
export function beginAction(desired: HelmRelease, observed: Observed, action: Action): Status {
  const { status } = desired
  if (!hasPhase(action.kind)) return status
  const { chart, revision } = observed.artifact
  const what = `chart ${chart.name} ${chart.version}`
  const note = (message: string) => ({ message, now: observed.now })
  switch (action.kind) {
    case 'install':
    case 'upgrade': {
      const fetched = isNewChart(status, revision)
        ? enterPhase(status, 'ChartFetched', note(`Fetched ${what} for ${nameOf(desired)}`))
        : status
      const verb = action.kind === 'install' ? 'Installing' : 'Upgrading'
      const isRetry = action.kind === 'upgrade' && action.because === 'retry'
      return {
        ...enterPhase(fetched, began[action.kind], note(`${verb} ${nameOf(desired)} with ${what}`)),
        lastAttemptedRevision: revision,
        // A new wish starts with a full budget of retries.
        rollbackCount: isRetry ? status.rollbackCount : 0,
      }
    }
    case 'test':
      return enterPhase(status, 'Testing', note(`Running the tests of ${nameOf(desired)}`))
    case 'rollback':
      return enterPhase(
        status,
        'RollingBack',
        note(`Rolling back ${nameOf(desired)} to revision ${action.to}`),
      )
    default:
      return status
  }
}

/** The status after an action; the outcome's message says why it failed. */
export function endAction(desired: HelmRelease, observed: Observed, outcome: Outcome): Status {
  const { action } = outcome
  const status = { ...desired.status, history: recordOutcome(desired, observed, outcome) }
  // What helm has applied is not deployed before it is ready.
  if (!hasPhase(action) || outcome.waitUntil !== undefined) return status
  return enterPhase(status, outcome.ok ? succeeded[action] : failed[action], {
    message: outcome.message,
    now: observed.now,
    ignoreTestFailure: desired.test.ignoreFailures,
  })
}

/** The status at the end of a pass that came to a state, whatever was done on the way. */
export function concludePass(
  desired: HelmRelease,
  observed: Observed,
  state: ReleaseState,
  outcomes: readonly Outcome[],
): Status {
  const status = withRelease(desired, observed)
  const note = (message: string) => ({ message, now: observed.now })
  const didDeploy = outcomes.some(
    ({ action, ok }) => ok && (action === 'install' || action === 'upgrade'),
  )
  switch (state.kind) {
    case 'inSync':
    case 'untested': {
      if (outcomes.at(-1)?.action === 'rollback' || hasFailedTest(desired, state)) return status
      const settled = isSucceeded(status)
        ? status
        : enterPhase(status, 'Succeeded', note(`${capital(nameOf(desired))} is in sync`))
      return didDeploy ? { ...settled, revision: observed.artifact.revision } : settled
    }
    case 'failed':
      return outcomes.length > 0 || isFailed(status)
        ? status
        : enterPhase(status, 'Failed', note(failedMessage(desired, state.release.description)))
    case 'rollingOut':
      return reportProgress(desired, status, { now: observed.now, progress: state.progress })
    case 'locked':
      return withReady(status, observed, `Waiting: ${nameOf(desired)} is ${state.release.status}`)
    default:
      return status
  }
}

/** The status after a pass that an error stopped; the same object when it says so already. */
export function reportFailure(
  desired: HelmRelease,
  failure: { code: ErrorCode; message: string; now: number },
): Status {
  const phase = chartFailures.includes(failure.code) ? 'ChartFetchFailed' : 'Failed'
  const status = { ...desired.status, observedGeneration: desired.generation }
  const said = status.conditions.find(({ type }) => type === 'Ready')
  if (status.phase === phase && said?.status === 'False' && said.message === failure.message)
    return status.observedGeneration === desired.status.observedGeneration ? desired.status : status
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

function isNewChart(status: Status, revision: string): boolean {
  const fetched = status.conditions.find(({ type }) => type === 'ChartFetched')
  return status.lastAttemptedRevision !== revision || fetched?.status !== 'True'
}

function isSucceeded({ phase, conditions }: Status): boolean {
  const isTrue = (wanted: Condition['type']) =>
    conditions.some(({ type, status }) => type === wanted && status === 'True')
  return phase === 'Succeeded' && isTrue('Released') && isTrue('Ready')
}

function isFailed({ conditions }: Status): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'False')
}

function hasFailedTest(
  desired: HelmRelease,
  state: ReleaseState & { kind: 'inSync' | 'untested' },
) {
  const { enable, ignoreFailures } = desired.test
  return enable && !ignoreFailures && snapshotOf(desired, state.release)?.tested === 'failed'
}

function failedMessage(desired: HelmRelease, description: string): string {
  return (
    `${capital(nameOf(desired))} failed and nothing has changed since: ${description}. ` +
    'Change the spec, the chart or the values, or roll back with helm'
  )
}

function withRelease(desired: HelmRelease, observed: Observed): Status {
  const [newest] = observed.history
  return {
    ...desired.status,
    observedGeneration: Math.max(desired.status.observedGeneration, desired.generation),
    ...(newest === undefined
      ? {}
      : { releaseName: desired.releaseName, releaseStatus: newest.status }),
  }
}

function withReady(status: Status, { now }: Observed, message: string): Status {
  const before = status.conditions.find(({ type }) => type === 'Ready')
  if (before?.status === 'Unknown' && before.message === message) return status
  return setCondition(status, { type: 'Ready', status: 'Unknown', reason: 'Locked', message }, now)
}

function recordOutcome(
  desired: HelmRelease,
  observed: Observed,
  outcome: Outcome,
): readonly Snapshot[] {
  const { history } = desired.status
  const { release } = outcome
  if (outcome.action === 'uninstall') return []
  if (release === undefined) return history
  const isOurs = ({ revision, uid }: Snapshot) =>
    revision === release.revision && uid === release.secret.uid
  if (outcome.action === 'test')
    return history.map((one) =>
      isOurs(one) ? { ...one, tested: outcome.ok ? 'passed' : 'failed' } : one,
    )
  if (outcome.settled) return history.map((one) => (isOurs(one) ? withoutWait(one) : one))
  if (!outcome.storageChanged || !hasPhase(outcome.action)) return history
  const snapshot: Snapshot = {
    revision: release.revision,
    uid: release.secret.uid,
    action: outcome.action,
    generation: desired.generation,
    chartVersion: observed.artifact.chart.version,
    chartDigest: observed.artifact.digest,
    valuesDigest: observed.values.digest,
    deployedAt: new Date(observed.now).toISOString(),
    ...(outcome.waitUntil === undefined ? {} : { waitUntil: outcome.waitUntil }),
    ...(outcome.waitUntil === undefined || outcome.replaced === undefined
      ? {}
      : { replaced: outcome.replaced }),
  }
  return [snapshot, ...history.filter((one) => !isOurs(one))].slice(0, keptSnapshots)
}

function withoutWait({ waitUntil: _, replaced: __, ...settled }: Snapshot): Snapshot {
  return settled
}
