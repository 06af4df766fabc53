// Does the spec name another release than the one we had until now? The old one stays: nobody asked for its end.
import type { HelmRelease } from '../model/release.ts'
import type { Status } from '../model/status.ts'

export type Place = { releaseName: string; targetNamespace: string }

/** The release that this HelmRelease was about before its spec was edited; undefined when it is the same still. */
export function formerRelease({
  status,
  releaseName,
  targetNamespace,
}: HelmRelease): Place | undefined {
  if (status.releaseName === undefined) return undefined
  const former = {
    releaseName: status.releaseName,
    targetNamespace: status.releaseNamespace ?? targetNamespace,
  }
  const isSame = former.releaseName === releaseName && former.targetNamespace === targetNamespace
  return isSame ? undefined : former
}

/** A status that says nothing of the former release, so that nothing is concluded from it for the new one. */
export function startAfresh({ status, releaseName, targetNamespace }: HelmRelease): Status {
  const { phase: _, releaseStatus: __, lastAttempt: ___, ...kept } = status
  return {
    ...kept,
    releaseName,
    releaseNamespace: targetNamespace,
    rollbackCount: 0,
    installFailures: 0,
    conditions: status.conditions.filter(({ type }) => type !== 'RolledBack' && type !== 'Tested'),
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
