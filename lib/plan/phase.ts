// What each phase of a sync means for the conditions: the table that fluxcd/helm-operator's users script against.
import type { Condition, ConditionType, Phase, Status } from '../model/status.ts'

type Verdict = Condition['status']
type Row = Partial<Record<ConditionType, Verdict>>

// Ready is ours: one condition that says it all, Unknown while work is under way.
const rows: Record<Phase, Row> = {
  ChartFetched: { ChartFetched: 'True', Ready: 'Unknown' },
  ChartFetchFailed: { ChartFetched: 'False', Released: 'False', Ready: 'False' },
  Installing: { Deployed: 'Unknown', Ready: 'Unknown' },
  Upgrading: { Deployed: 'Unknown', Ready: 'Unknown' },
  Deployed: { Deployed: 'True', Ready: 'Unknown' },
  DeployFailed: { Deployed: 'False', Released: 'False', Ready: 'False' },
  Testing: { Tested: 'Unknown', Ready: 'Unknown' },
  Tested: { Tested: 'True', Ready: 'Unknown' },
  TestFailed: { Tested: 'False', Released: 'False', Ready: 'False' },
  Succeeded: { Released: 'True', Ready: 'True' },
  Failed: { Released: 'False', Ready: 'False' },
  RollingBack: { RolledBack: 'Unknown', Ready: 'Unknown' },
  RolledBack: { RolledBack: 'True', Ready: 'False' },
  RollbackFailed: { RolledBack: 'False', Ready: 'False' },
}

// Kubernetes lets a condition's message be this long at most.
const longestMessage = 32_768

export type PhaseNote = {
  message: string
  // Milliseconds since the epoch.
  now: number
  // A failed test that the spec says to ignore leaves Released as it was.
  ignoreTestFailure?: boolean
}

/**
 * The status after a phase was entered. Conditions it touches move to the end of the list, so that order is recency; their
 * reason is the phase. lastTransitionTime stays while the condition's status stays.
 */
export function enterPhase(status: Status, phase: Phase, note: PhaseNote): Status {
  const row = { ...rows[phase] }
  if (phase === 'TestFailed' && note.ignoreTestFailure) delete row.Released
  const time = new Date(note.now).toISOString().replace(/\.\d+Z$/, 'Z')
  const message = note.message.slice(0, longestMessage)
  let conditions = status.conditions
  for (const [type, verdict] of Object.entries(row) as [ConditionType, Verdict][])
    conditions = setCondition(conditions, { type, status: verdict, reason: phase, message }, time)
  if (phase === 'Succeeded') conditions = conditions.filter(({ type }) => type !== 'RolledBack')
  return { ...status, phase, conditions, rollbackCount: countRollbacks(status, phase) }
}

function countRollbacks({ rollbackCount }: Status, phase: Phase): number {
  if (phase === 'Succeeded') return 0
  return phase === 'RolledBack' ? rollbackCount + 1 : rollbackCount
}

function setCondition(
  conditions: readonly Condition[],
  next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  time: string,
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : time
  return [
    ...conditions.filter(({ type }) => type !== next.type),
    { ...next, lastUpdateTime: time, lastTransitionTime },
  ]
}
