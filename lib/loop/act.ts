// Does one action with helm, and says what came of it.
import { type ErrorCode, ReconcileError } from '../model/errors.ts'
import { isWaitFailure } from '../helm/failure.ts'
import { missingFor } from '../helm/missing.ts'
import type { Action, Outcome } from '../model/action.ts'
import type { JsonObject } from '../model/json.ts'
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmDriver } from '../model/ports.ts'
import type { ApplyMethod, HelmRelease, Release } from '../model/release.ts'
import { applyMethodFor, askedMethod, wasDeployed } from '../plan/apply-method.ts'
import { remedyFor } from '../plan/remediation.ts'
import { replacedBy, waitTimeoutMs, whoWaits } from '../plan/waiting.ts'
import { isInterrupted, unlockedDescription } from '../plan/unlock.ts'
import { unreachable } from '../util/unreachable.ts'
import { createMissingCrds } from './crds.ts'
import type { Deps } from './deps.ts'
import { explainUnready } from './progress.ts'
import { abandonWait, keepFailed, settle } from './settle.ts'
import { validate } from './validate.ts'
import { explainFailedTests, removeFailedTests } from './test-pods.ts'

// These say nothing about the release: the pass ends, and is done again when the world is in order.
const notHelmsVerdict: readonly ErrorCode[] = [
  'Interrupted',
  'ReleaseLocked',
  'ProgramMissing',
  'DiskFull',
  'ClusterUnreachable',
  'Unexpected',
]

type Step = { desired: HelmRelease; observed: Observed; helm: HelmDriver; signal: AbortSignal }

/** Takes one step, in the place for helm that the pass holds. Helm's refusal is an Outcome; a broken machine or cluster is thrown. */
export async function act(deps: Deps, step: Step, action: Action): Promise<Outcome> {
  if (action.kind === 'settle') return await settle(deps, step, action)
  const { desired, observed } = step
  const [before] = observed.history
  const waiter = await waiterFor(deps, step, action)
  let failure: ReconcileError | undefined
  const startedAt = deps.clock.now()
  try {
    step.signal.throwIfAborted()
    await run(deps, step, action, waiter === 'helm')
  } catch (error) {
    if (!(error instanceof ReconcileError) || notHelmsVerdict.includes(error.code)) throw error
    failure = error
  }
  const tookMs = deps.clock.now() - startedAt
  const { targetNamespace, releaseName } = desired
  const history = await deps.storage.history(targetNamespace, releaseName, { fresh: true })
  await abandonWait(deps, step, history)
  await keepFailed(deps, before, history)
  const [newest] = history
  const storageChanged = isOther(before, newest)
  const isLeft = storageChanged || newest?.status === 'uninstalling'
  const after = failure && isLeft ? await judge(deps, newest, failure) : newest
  const awaits = waiter === 'operator' && failure === undefined && storageChanged
  return {
    action: action.kind,
    ok: failure === undefined,
    storageChanged,
    ...(awaits ? waitOf(deps, step, action) : {}),
    ...(after === undefined ? {} : { release: after }),
    message: failure
      ? await explain(deps, desired, { action, failure, newest })
      : successOf(action, desired, observed),
    ...(failure === undefined ? {} : { code: failure.code, waitsFor: missingFor(failure) }),
    tookMs,
  }
}

// Of what it has waited for in vain, helm knows little more than that it is not ready.
async function explain(
  deps: Deps,
  desired: HelmRelease,
  {
    action,
    failure,
    newest,
  }: { action: Action; failure: ReconcileError; newest: Release | undefined },
): Promise<string> {
  const why = newest && (await explainFurther(deps, desired, { action, failure, newest }))
  const message = why === undefined ? failure.message : `${failure.message}; ${why}`
  return deps.secrets.redactFor(formatKey(desired.key))(message)
}

async function explainFurther(
  deps: Deps,
  desired: HelmRelease,
  { action, failure, newest }: { action: Action; failure: ReconcileError; newest: Release },
): Promise<string | undefined> {
  if (action.kind === 'test') return await explainFailedTests(deps, newest)
  return isWaitFailure(failure) ? await explainUnready(deps, desired, newest) : undefined
}

// Helm leaves a revision pending when a hook before a rollback fails, uninstalling when one before an uninstall does, and says
// that it was told to stop when it was stopped for having run too long. Nobody is to take any of it for work that somebody
// else must finish.
async function judge(
  deps: Deps,
  newest: Release | undefined,
  { message }: ReconcileError,
): Promise<Release | undefined> {
  if (newest === undefined) return undefined
  const isOpen = newest.status.startsWith('pending-') || newest.status === 'uninstalling'
  const isCut = newest.status === 'failed' && isInterrupted(newest.description)
  return isOpen || isCut ? await deps.storage.mark(newest, 'failed', message) : newest
}

async function waiterFor(
  deps: Deps,
  { desired, observed }: Step,
  action: Action,
): Promise<ReturnType<typeof whoWaits>> {
  switch (action.kind) {
    case 'install':
    case 'upgrade':
      return whoWaits(desired, action.kind, observed.artifact.hookEvents)
    case 'rollback': {
      const target = observed.history.find(({ revision }) => revision === action.to)
      const opened = desired.rollback.wait && target && (await deps.storage.open(target))
      return whoWaits(desired, 'rollback', opened ? opened.hookEvents : [])
    }
    default:
      return 'nobody'
  }
}

function waitOf(
  deps: Deps,
  { desired, observed }: Step,
  { kind }: Action,
): Pick<Outcome, 'waitUntil' | 'replaced'> {
  const change = kind === 'install' || kind === 'rollback' ? kind : 'upgrade'
  const until = deps.clock.now() + waitTimeoutMs(desired, change)
  const replaced = replacedBy(desired, observed.history)
  return {
    waitUntil: new Date(until).toISOString(),
    ...(replaced === undefined ? {} : { replaced }),
  }
}

async function run(
  deps: Deps,
  step: Step,
  action: Exclude<Action, { kind: 'settle' }>,
  wait: boolean,
): Promise<void> {
  const { desired: release, observed, helm, signal } = step
  const { artifact, values } = observed
  const applyMethod = applyMethodFor(release, observed.history)
  const call = { release, timeoutMs: release.timeoutMs, secrets: values.secrets, signal }
  switch (action.kind) {
    case 'install':
    case 'upgrade': {
      checkApplyMethod(step)
      const change = { ...call, applyMethod, wait, artifact, values: contentOf(observed) }
      if (release.validate === 'server')
        await validate(deps, helm, { ...change, action: action.kind }, observed.history)
      await prepareCrds(deps, step, applyMethod)
      return await helm[action.kind](change)
    }
    case 'test':
      await removeFailedTests(deps, release, observed.history)
      return await helm.test({ ...call, timeoutMs: release.test.timeoutMs })
    case 'rollback':
      return await helm.rollback({
        ...call,
        applyMethod: await methodOfRevision(deps, observed, action.to),
        wait,
        timeoutMs: release.rollback.timeoutMs,
        revision: action.to,
      })
    case 'uninstall':
      await checkStillFailed(deps, release)
      await removeFailedTests(deps, release, observed.history)
      return await helm.uninstall({ ...call, ...release })
    case 'unlock': {
      const [locked] = observed.history
      if (locked === undefined) return
      await deps.storage.mark(locked, 'failed', unlockedDescription(locked.status))
      return
    }
    case 'none':
      return
    default:
      return unreachable(action)
  }
}

// What was accepted when it was applied client-side need not be accepted server-side.
async function methodOfRevision(
  deps: Deps,
  { history }: Observed,
  revision: number,
): Promise<ApplyMethod> {
  const target = history.find((one) => one.revision === revision)
  return (target && (await deps.storage.open(target)))?.applyMethod ?? 'client'
}

function checkApplyMethod({ desired, observed, helm }: Step): void {
  const { releaseName, targetNamespace } = desired
  if (askedMethod(desired, observed.history) !== 'server' || helm.major > 3) return
  const change = wasDeployed(observed.history) ? 'upgrade' : 'install'
  throw new ReconcileError(
    'HelmVersionDisabled',
    `Cannot ${change} release "${releaseName}" in namespace "${targetNamespace}": spec.${change}.serverSideApply needs Helm 4 ` +
      `and this is Helm ${helm.version}; set spec.helmVersion to v4, or remove the field`,
  )
}

// Client-side, helm creates what is missing, and writes nothing over what is there.
async function prepareCrds(
  deps: Deps,
  { desired, observed, signal }: Step,
  applyMethod: ApplyMethod,
): Promise<void> {
  const { artifact, history } = observed
  if (applyMethod === 'client' || wasDeployed(history)) return
  await createMissingCrds(deps, { desired, artifact, values: contentOf(observed), signal })
}

// Somebody may have put the failed release right in the meantime.
async function checkStillFailed(deps: Deps, desired: HelmRelease): Promise<void> {
  const { targetNamespace, releaseName } = desired
  const history = await deps.storage.history(targetNamespace, releaseName, { fresh: true })
  if (history.length === 0 || remedyFor(desired, history).kind === 'uninstall') return
  throw new ReconcileError('Interrupted', 'Cannot uninstall: the release has changed meanwhile')
}

function contentOf({ values: { content } }: Observed): JsonObject {
  if (content !== undefined) return content
  throw new ReconcileError('Unexpected', 'Cannot run helm: the values have not been read')
}

function isOther(before: Release | undefined, after: Release | undefined): boolean {
  return before?.revision !== after?.revision || before?.secret.uid !== after?.secret.uid
}

function successOf(
  action: Exclude<Action, { kind: 'settle' }>,
  desired: HelmRelease,
  { artifact }: Observed,
): string {
  const what = `release "${desired.releaseName}" in namespace "${desired.targetNamespace}"`
  switch (action.kind) {
    case 'install':
      return `Installed ${what} with chart ${artifact.chart.name} ${artifact.chart.version}`
    case 'upgrade':
      return `Upgraded ${what} to chart ${artifact.chart.name} ${artifact.chart.version} (${action.because})`
    case 'test':
      return `The tests of ${what} passed`
    case 'rollback':
      return `Rolled back ${what} to revision ${action.to}`
    case 'uninstall':
      return `Uninstalled ${what}`
    case 'unlock':
      return `Freed ${what}: revision ${action.revision} was left behind by a helm that died`
    case 'none':
      return `Nothing to do for ${what}`
    default:
      return unreachable(action)
  }
}
