// What each phase of a sync means for the conditions: the table that fluxcd/helm-operator's users script against.
import type { Condition, ConditionType, Phase, Shown } from './shown.ts'

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
 * What is shown after a phase was entered. Conditions it touches move to the end of the list, so that order is recency; their
 * reason is the phase. lastTransitionTime stays while the condition's status stays.
 */
export function enterPhase(shown: Shown, phase: Phase, note: PhaseNote): Shown {
  const row = { ...rows[phase] }
  if (phase === 'TestFailed' && note.ignoreTestFailure) {
    delete row.Released
    delete row.Ready
  }
  const { message } = note
  let { conditions } = shown
  for (const [type, verdict] of Object.entries(row) as [ConditionType, Verdict][])
    conditions = setCondition(
      conditions,
      {
        ...{ type, status: verdict, reason: phase },
        message: type === 'Ready' ? message + causeOf(shown, phase) : message,
      },
      note.now,
    )
  if (phase === 'Succeeded') conditions = conditions.filter(({ type }) => type !== 'RolledBack')
  return { phase, conditions }
}

// Ready alone has to tell what went wrong, and not just that it was put right.
function causeOf({ conditions }: Shown, phase: Phase): string {
  if (phase !== 'RolledBack' && phase !== 'RollbackFailed') return ''
  const released = conditions.find(({ type, status }) => type === 'Released' && status === 'False')
  return released === undefined ? '' : `. Before: ${released.message}`
}

/** The conditions with one of them set; now is in milliseconds since the epoch. */
export function setCondition(
  conditions: readonly Condition[],
  next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): readonly Condition[] {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : time
  const message = next.message.slice(0, longestMessage)
  return [
    ...conditions.filter(({ type }) => type !== next.type),
    { ...next, message, lastUpdateTime: time, lastTransitionTime },
  ]
}
