// What is logged and counted of a pass, for those who watch many releases at once.
import type { Action, Outcome } from '../model/action.ts'
import { Parked } from '../model/errors.ts'
import { userOf } from '../model/identity.ts'
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmDriver, Log, TimedAction } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { diffRelease } from '../plan/diff.ts'
import type { Deps } from './deps.ts'

const timed: readonly Action['kind'][] = ['install', 'upgrade', 'test', 'rollback', 'uninstall']

/** The log of one release: every line says which one it is, and none of its secrets. */
export function releaseLog(
  deps: Pick<Deps, 'log' | 'secrets'>,
  desired: HelmRelease,
  helm?: HelmDriver,
): Log {
  const { key, identity, owner, releaseName, targetNamespace } = desired
  const helmVersion = helm === undefined ? desired.helmVersion : `v${helm.major}`
  const as = identity && userOf(identity)
  const fields = { release: releaseName, targetNamespace, resource: owner.id, as, helmVersion }
  return deps.log.with({ component: 'release', ...fields }, deps.secrets.redactFor(formatKey(key)))
}

/** Says that an action on a release begins, and what it is about to change if that is wanted. */
export function beginAccount(
  deps: Deps,
  log: Log,
  action: Action,
  { desired, observed }: { desired: HelmRelease; observed: Observed },
): void {
  // Nothing is run to end a wait.
  if (action.kind === 'settle') return
  const because = action.kind === 'upgrade' ? { because: action.because } : {}
  log.info(`running ${action.kind}`, { action: action.kind, ...because })
  if (action.kind !== 'upgrade') return
  deps.metrics.countUpgrade(action.because)
  const [stored] = observed.history
  if (!deps.logDiffs || stored === undefined || observed.values.content === undefined) return
  const redact = deps.secrets.redactFor(formatKey(desired.key))
  const secrets = new Set(observed.values.secrets)
  const isSecret = (text: string): boolean => secrets.has(text) || redact(text) !== text
  const wanted = { values: observed.values.content, chart: observed.artifact.chart }
  const diff = diffRelease(stored, wanted, isSecret).join('\n')
  log.info('release differs from what is stored', { revision: stored.revision, diff })
}

/** Says how an action ended. One whose objects are still waited for has not ended. */
export function endAccount(deps: Deps, log: Log, desired: HelmRelease, outcome: Outcome): void {
  const { action, ok, message, release, waitUntil, tookMs } = outcome
  const fields = { action, revision: release?.revision, tookMs }
  if (waitUntil !== undefined)
    return log.info(`${action} applied, waiting until it is ready`, { ...fields, waitUntil })
  if (ok) log.info(`${action} succeeded`, fields)
  else if (action === 'test' && desired.test.ignoreFailures)
    log.warn('test failed - ignoring failures', { ...fields, err: message })
  else log.error(`${action} failed`, { ...fields, err: message })
  if (tookMs !== undefined && isTimed(action)) deps.metrics.time(action, desired, { ok, tookMs })
}

/** Answers whoever has edited an object of which nothing is to be done. Scripts search for the last words. */
export function accountInSync(log: Log): void {
  log.info('in sync, found without running dry-run upgrade to compare with release')
}

/** Runs a whole pass over a release and times it, unless it was cut short. */
export async function timeSync<T extends { ok: boolean }>(
  deps: Deps,
  desired: HelmRelease,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = deps.clock.now()
  const time = (ok: boolean): void =>
    deps.metrics.time('sync', desired, { ok, tookMs: deps.clock.now() - startedAt })
  try {
    const result = await run()
    time(result.ok)
    return result
  } catch (error) {
    if (!signal.aborted && !(error instanceof Parked)) time(false)
    throw error
  }
}

function isTimed(action: Action['kind']): action is Action['kind'] & TimedAction {
  return timed.includes(action)
}
