// What is said about a HelmRelease on the object itself.

export type ConditionType =
  'ChartFetched' | 'Deployed' | 'Released' | 'RolledBack' | 'Tested' | 'Ready'

export type Condition = {
  type: ConditionType
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
  lastUpdateTime: string
  lastTransitionTime: string
}

export type Phase =
  | 'ChartFetched'
  | 'ChartFetchFailed'
  | 'Installing'
  | 'Upgrading'
  | 'Deployed'
  | 'DeployFailed'
  | 'Testing'
  | 'TestFailed'
  | 'Tested'
  | 'Succeeded'
  | 'Failed'
  | 'RollingBack'
  | 'RolledBack'
  | 'RollbackFailed'

export type Status = {
  observedGeneration: number
  phase?: Phase
  releaseName?: string
  releaseStatus?: string
  revision?: string
  lastAttemptedRevision?: string
  rollbackCount: number
  conditions: readonly Condition[]
  // Ours, newest first: what we put into Helm's storage, to know our own work again.
  history: readonly Snapshot[]
}

/** Our digest of one revision in Helm's storage, made when we wrote it. */
export type Snapshot = {
  revision: number
  action: 'install' | 'upgrade' | 'rollback'
  // The release's own record: uid and content. Another digest there means that somebody else wrote.
  digest: string
  chartVersion: string
  chartDigest: string
  valuesDigest: string
  deployedAt: string
}
