// The part of a first-generation status that is there for people and their scripts: a phase and conditions. Nothing is decided
// by it.

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

export type Shown = { phase?: Phase; conditions: readonly Condition[] }

/** The reason of Ready while objects are waited for. */
export const progressingReason = 'Progressing'
