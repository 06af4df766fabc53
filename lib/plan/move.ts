// Does the spec name another release than the one that the status tells of? The old one stays: nobody asked for its end.
import type { HelmRelease } from '../model/release.ts'
import type { Status } from '../model/status.ts'

export type Place = { releaseName: string; targetNamespace: string }

/**
 * The release that the status tells of, which may not be the one that the spec names now. A first install notes it before
 * helm begins; fluxcd/helm-operator has never noted the namespace.
 */
export function recordedPlace({ status, targetNamespace }: HelmRelease): Place | undefined {
  const { lastAttempt, releaseName, releaseNamespace = targetNamespace } = status
  if (lastAttempt !== undefined)
    return { releaseName: lastAttempt.releaseName, targetNamespace: lastAttempt.releaseNamespace }
  return releaseName === undefined ? undefined : { releaseName, targetNamespace: releaseNamespace }
}

/** The release that this HelmRelease was about before its spec was edited; undefined when it is the same still. */
export function formerRelease(desired: HelmRelease): Place | undefined {
  const former = recordedPlace(desired)
  const isSame =
    former?.releaseName === desired.releaseName &&
    former.targetNamespace === desired.targetNamespace
  return isSame ? undefined : former
}

/** Was the status written for another object of this name, and restored from a backup for example? */
export function isAnothersStatus({ status: { lastAttempt }, uid }: HelmRelease): boolean {
  return lastAttempt !== undefined && lastAttempt.uid !== uid
}

/** A status that says nothing of the former release, so that nothing is concluded from it for the new one. */
export function startAfresh({ status, releaseName, targetNamespace }: HelmRelease): Status {
  return {
    observedGeneration: status.observedGeneration,
    releaseName,
    releaseNamespace: targetNamespace,
    rollbackCount: 0,
    installFailures: 0,
    conditions: status.conditions.filter(({ type }) => type === 'ChartFetched' || type === 'Ready'),
    history: [],
  }
}

/** One sentence on what becomes of the former release. */
export function describeMove(desired: HelmRelease, former: Place): string {
  return (
    `Release "${former.releaseName}" in namespace "${former.targetNamespace}" is left as it is: the spec names release ` +
    `"${desired.releaseName}" in namespace "${desired.targetNamespace}" now. If nothing needs the old one any more: ` +
    `helm uninstall ${former.releaseName} --namespace ${former.targetNamespace}`
  )
}
