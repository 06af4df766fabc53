// What we wrote down of a HelmRelease: enough to decide, after a restart too, what is still to be done.

export type Memory = {
  // The newest generation that a pass has come to an end with.
  observedGeneration: number
  releaseName?: string
  // Where that release is; the HelmRelease may have been pointed elsewhere since.
  releaseNamespace?: string
  // What Helm's storage said of the newest revision.
  releaseStatus?: string
  // What is released: the chart version, or the commit for git.
  revision?: string
  lastAttemptedRevision?: string
  lastAttempt?: Attempt
  journal?: Journal
  // What fluxcd/helm-operator left, which kept no record of revisions: had it rolled the release back?
  wasRolledBack?: boolean
  // Rollbacks since the last success, counted against rollback.maxRetries.
  rollbackCount: number
  // Failed first installs in a row, counted against maxInstallRetries.
  installFailures?: number
  // The revisions that we put into Helm's storage, newest first; the last few only.
  history: readonly Snapshot[]
  // Read only: it is written as a Report.
  told?: Told
}

/** What people were told last of how the release is. */
export type Told = {
  verdict: 'well' | 'failed' | 'open'
  message: string
  // Milliseconds since the epoch.
  at: number
  // Was it about objects that are waited for?
  isProgress: boolean
}

/**
 * What is being done to a release, noted before helm starts and again when it has ended: what an operator that is killed leaves
 * for the next one to go on from. Of an install or upgrade, lastAttempt tells what it is made of.
 */
export type Journal = {
  action: 'install' | 'upgrade' | 'test' | 'rollback'
  // The one it makes in Helm's storage; of a test, the one that is tested.
  revision: number
  // The HelmRelease's generation it is done for.
  generation: number
  // begun: helm may be at work. applied: helm has done its part, and the objects are waited for. succeeded, failed: it is known
  // how it ended, and what follows from that may be still to be done.
  stage: 'begun' | 'applied' | 'succeeded' | 'failed'
}

/** The last install or upgrade, noted before helm starts: what it is made of, whatever comes of it. */
export type Attempt = {
  action: 'install' | 'upgrade'
  // On which release, and by which object: another release, or another HelmRelease of the same name, has no part in it.
  releaseName: string
  releaseNamespace: string
  uid: string
  // ISO time, before helm was started.
  begunAt: string
  // The one it makes in Helm's storage, if it gets that far.
  revision: number
  // The HelmRelease's generation it is made for.
  generation: number
  chartDigest: string
  valuesDigest: string
  // ISO time. Absent while it is under way, for all that is known.
  endedAt?: string
  // ISO time. Absent while it is under way and when it went well.
  failedAt?: string
  // How often just this has failed in a row.
  failures?: number
  // ISO time. Absent when it is tried again only once something has changed.
  retryAt?: string
  // What was missing: another attempt is made as soon as it is there.
  waitsFor?: readonly Prerequisite[]
}

/** An object that must be there first or, without a name, a kind that must be served. */
export type Prerequisite = { apiVersion: string; kind: string; name?: string }

/** What we know of one revision that we put into Helm's storage: enough to see later whether it is still what is wanted. */
export type Snapshot = {
  revision: number
  // Of the storage Secret: a revision of the same number made by somebody else has another.
  uid: string
  action: 'install' | 'upgrade' | 'rollback'
  // The HelmRelease's generation this revision was made for.
  generation: number
  chartVersion: string
  chartDigest: string
  valuesDigest: string
  deployedAt: string
  // Absent while no test has run against this revision.
  tested?: 'passed' | 'failed'
  // ISO time. Present while it is not known yet whether its objects become ready; stays when something newer cut the wait short.
  waitUntil?: string
  // The revision that was good before this one, to be deployed again if this one does not become ready.
  replaced?: number
  // The release was there before the HelmRelease, and nothing of ours has replaced it successfully by then.
  adopted?: boolean
}
