// May the operator act for a HelmRelease at all? Asked before anything that the HelmRelease names is touched.
import { isForbidden, ReconcileError } from '../model/errors.ts'
import { describeAccount, type ServiceAccount } from '../model/identity.ts'
import type { ResourceType } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { releaseLog } from './account.ts'
import type { Deps, SharedDeps } from './deps.ts'

const serviceAccounts: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  namespaced: true,
}

/**
 * Throws ReconcileError AccessDenied when the operator's configuration forbids it, Forbidden when there is no such service
 * account, and ApiError when the account may not read Helm's storage: before it is waited for a chart that is of no use.
 */
export async function checkAccess(deps: Deps, desired: HelmRelease): Promise<void> {
  const { identity, refusal, targetNamespace, releaseName } = desired
  if (refusal !== undefined) throw new ReconcileError('AccessDenied', refusal.why)
  if (identity === undefined) return
  if (await isMissing(deps, identity)) throw new ReconcileError('Forbidden', whyMissing(identity))
  await deps.storage.history(targetNamespace, releaseName)
}

/**
 * Must the release of a HelmRelease that goes stay, because nobody is left who may uninstall it? Without an answer, neither the
 * HelmRelease nor its namespace could ever go. What stays behind is said in an event.
 */
export async function isOutOfReach(deps: Deps, desired: HelmRelease): Promise<boolean> {
  const why = await whyOutOfReach(deps, desired)
  if (why === undefined) return false
  if (wasAttempted(desired)) {
    const { releaseName, targetNamespace } = desired
    const message = `Release "${releaseName}" in namespace "${targetNamespace}" is not uninstalled: ${why}`
    releaseLog(deps, desired).warn('release left behind', { why })
    await deps.events.record(desired, { type: 'Warning', reason: 'ReleaseLeftBehind', message })
  }
  return true
}

async function whyOutOfReach(deps: Deps, desired: HelmRelease): Promise<string | undefined> {
  const { identity, refusal, targetNamespace, releaseName } = desired
  if (refusal?.of === 'release') return refusal.why
  if (identity === undefined) return undefined
  if (await isMissing(deps, identity)) return whyMissing(identity)
  if (wasAttempted(desired)) return undefined
  try {
    await deps.storage.history(targetNamespace, releaseName)
    return undefined
  } catch (error) {
    // Who may not read Helm's storage has never installed anything.
    if (isForbidden(error)) return error.message
    throw error
  }
}

function wasAttempted({ memory }: HelmRelease): boolean {
  return memory.history.length > 0 || memory.lastAttemptedRevision !== undefined
}

// RBAC knows names only: bindings that outlive their service account must not be used by whoever writes its name.
async function isMissing({ own }: SharedDeps, account: ServiceAccount): Promise<boolean> {
  try {
    return (await own.get(serviceAccounts, account.name, account.namespace)) === undefined
  } catch (error) {
    // An operator that may not look has to rely on the rights of the account alone.
    if (isForbidden(error)) return false
    throw error
  }
}

function whyMissing(account: ServiceAccount): string {
  return `Cannot act as ${describeAccount(account)}: it does not exist; create it with the rights that the release needs, or name another one in spec.serviceAccountName`
}
