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
  // A failed test that the spec says to ignore leaves Released as it was, and Ready to whatever comes after it.
  ignoreTestFailure?: boolean
}

/**
 * The status after a phase was entered. Conditions it touches move to the end of the list, so that order is recency; their
 * reason is the phase. lastTransitionTime stays while the condition's status stays.
 */
export function enterPhase(status: Status, phase: Phase, note: PhaseNote): Status {
  const row = { ...rows[phase] }
  if (phase === 'TestFailed' && note.ignoreTestFailure) {
    delete row.Released
    delete row.Ready
  }
  const { message } = note
  let next = status
  for (const [type, verdict] of Object.entries(row) as [ConditionType, Verdict][])
    next = setCondition(
      next,
      {
        ...{ type, status: verdict, reason: phase },
        message: type === 'Ready' ? message + causeOf(status, phase) : message,
      },
      note.now,
    )
  const { conditions } = next
  return {
    ...status,
    phase,
    conditions:
      phase === 'Succeeded' ? conditions.filter(({ type }) => type !== 'RolledBack') : conditions,
    rollbackCount: countRollbacks(status, phase),
    ...(phase === 'Succeeded' ? { installFailures: 0 } : {}),
  }
}

// Whoever looks at one condition only wants to know what went wrong, not just that it was put right.
function causeOf({ conditions }: Status, phase: Phase): string {
  if (phase !== 'RolledBack' && phase !== 'RollbackFailed') return ''
  const released = conditions.find(({ type, status }) => type === 'Released' && status === 'False')
  return released === undefined ? '' : `. Before: ${released.message}`
}

function countRollbacks({ rollbackCount }: Status, phase: Phase): number {
  if (phase === 'Succeeded') return 0
  return phase === 'RolledBack' ? rollbackCount + 1 : rollbackCount
}

/** The status with one condition set; now is in milliseconds since the epoch. */
export function setCondition(
  status: Status,
  next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): Status {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  const before = status.conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : time
  const message = next.message.slice(0, longestMessage)
  return {
    ...status,
    conditions: [
      ...status.conditions.filter(({ type }) => type !== next.type),
      { ...next, message, lastUpdateTime: time, lastTransitionTime },
    ],
  }
}
