// Does the spec name another release than the one that the status tells of? The old one stays: nobody asked for its end.
import type { HelmRelease } from '../model/release.ts'
import type { Memory } from '../model/memory.ts'

export type Place = { releaseName: string; targetNamespace: string }

/**
 * The release that the status tells of, which may not be the one that the spec names now. A first install notes it before
 * helm begins; fluxcd/helm-operator has never noted the namespace.
 */
export function recordedPlace({ memory, targetNamespace }: HelmRelease): Place | undefined {
  const { lastAttempt, releaseName, releaseNamespace = targetNamespace } = memory
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
export function isAnothersStatus({ memory: { lastAttempt }, uid }: HelmRelease): boolean {
  return lastAttempt !== undefined && lastAttempt.uid !== uid
}

/** A memory that says nothing of the former release, so that nothing is concluded from it for the new one. */
export function startAfresh({ memory, releaseName, targetNamespace }: HelmRelease): Memory {
  return {
    observedGeneration: memory.observedGeneration,
    releaseName,
    releaseNamespace: targetNamespace,
    rollbackCount: 0,
    installFailures: 0,
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
