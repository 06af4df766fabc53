// Whose release is it? What proves that it is this HelmRelease's own, and who owns it otherwise.
import type { HelmRelease, History, Revision } from '../model/release.ts'
import type { Attempt, Snapshot } from '../model/memory.ts'

/**
 * written: a revision in Helm's storage is one of those that we noted as our own. begun: a first install of ours was cut
 * short before it could be noted. marked: live objects bear this HelmRelease's annotation, and none bears another's.
 */
export type Proof = 'written' | 'begun' | 'marked'

/** Ids that the live objects of a release name as their owner, in manifest order; undefined for those without. */
export type Marks = readonly (string | undefined)[]

/**
 * What proves that the release at the place the spec names is this HelmRelease's own; undefined when nothing does. That a
 * release is there, that the spec names it, or that an upgrade of it was tried in vain proves nothing.
 */
export function proofOfOwnership(
  desired: HelmRelease,
  history: History,
  marks: Marks,
): Proof | undefined {
  if (foreignOwner(desired.owner.id, marks) !== undefined) return undefined
  if (isWritten(desired.memory.history, history)) return 'written'
  if (isNothingButFailures(desired.memory.history, history)) return 'written'
  if (isBegun(desired, history)) return 'begun'
  return marks.includes(desired.owner.id) ? 'marked' : undefined
}

/**
 * Is one of these stored revisions noted as written by us, and was it ever any good? Uids of Secrets tell releases, clusters and
 * times apart.
 */
export function isWritten(snapshots: readonly Snapshot[], history: readonly Revision[]): boolean {
  const good = history.filter(({ status }) => status !== 'failed')
  const uids = new Set(good.map(({ secret }) => secret.uid))
  return snapshots.some(({ uid, adopted }) => adopted !== true && uids.has(uid))
}

// A first install that failed, and what was tried on top of it: nobody else has anything there.
function isNothingButFailures(snapshots: readonly Snapshot[], history: readonly Revision[]) {
  const live = history.filter(({ status }) => status !== 'uninstalled')
  const isOurFailure = ({ status, secret }: Revision): boolean =>
    status === 'failed' &&
    snapshots.some(({ uid, action }) => uid === secret.uid && action !== 'rollback')
  return live.length > 0 && live.every(isOurFailure)
}

/** The note of the last attempt, if it was made by this very object on the release that the spec names now. */
export function attemptHere(desired: HelmRelease): Attempt | undefined {
  const { lastAttempt } = desired.memory
  const isHere =
    lastAttempt?.uid === desired.uid &&
    lastAttempt.releaseName === desired.releaseName &&
    lastAttempt.releaseNamespace === desired.targetNamespace
  return isHere ? lastAttempt : undefined
}

/**
 * Did the last attempt make this revision, although nobody could note how it ended? The note was written first, with the number
 * that the revision would have. Of an attempt that has ended, status.history tells the rest.
 */
export function isAttempted(
  desired: HelmRelease,
  { revision, deployedAt }: Pick<Revision, 'revision'> & { deployedAt?: string },
): boolean {
  const attempt = attemptHere(desired)
  if (attempt?.revision !== revision || attempt.endedAt !== undefined) return false
  // Helm notes when it begins. Whoever else made a revision of this number before did so without us.
  return deployedAt === undefined || Date.parse(deployedAt) >= Date.parse(attempt.begunAt)
}

/** Was there a release below this revision? One that was uninstalled and left its history was there no more. */
export function hasPredecessor(history: readonly Revision[], { revision }: { revision: number }) {
  return history.some((one) => one.revision < revision && one.status !== 'uninstalled')
}

/** The id of a foreign owner among the marks; undefined when there is none. Objects without a mark are neutral. */
export function foreignOwner(ownId: string, marks: Marks): string | undefined {
  return marks.find((id) => id !== undefined && id !== '' && id !== ownId)
}

/** One sentence on why the release of a HelmRelease that is deleted stays. */
export function describeKept(
  { releaseName, targetNamespace }: HelmRelease,
  why: { owner: string } | 'unproven' | 'helm2',
): string {
  const kept = `Release "${releaseName}" in namespace "${targetNamespace}" is left as it is: `
  if (why === 'helm2')
    return `${kept}the HelmRelease asks for Helm 2, to which this operator does not speak`
  if (why !== 'unproven') return `${kept}it belongs to "${why.owner}"`
  return (
    `${kept}it was there before this HelmRelease, which has never installed or upgraded it successfully. If nothing needs it: ` +
    `helm uninstall ${releaseName} --namespace ${targetNamespace}`
  )
}

function isBegun(desired: HelmRelease, history: History): boolean {
  const [newest] = history
  return (
    newest !== undefined &&
    attemptHere(desired)?.action === 'install' &&
    isAttempted(desired, newest) &&
    !hasPredecessor(history, newest)
  )
}
