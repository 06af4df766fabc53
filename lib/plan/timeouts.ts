// How long a HelmRelease may keep helm, or its wait, going: what its author asks for, up to what the operator grants.
import type { HelmRelease } from '../model/release.ts'
import { formatDuration } from '../util/duration.ts'

/** The HelmRelease with no timeout above the limit, and with a problem for each that was cut. */
export function limitTimeouts(desired: HelmRelease, maxTimeoutMs: number): HelmRelease {
  const { rollback, test } = desired
  const asked = [
    { field: 'spec.timeout', ms: desired.timeoutMs },
    { field: 'spec.rollback.timeout', ms: rollback.timeoutMs },
    { field: 'spec.test.timeout', ms: test.timeoutMs },
  ]
  const problems = asked
    .filter(({ ms }) => ms > maxTimeoutMs)
    .map(({ field, ms }) => {
      const most = formatDuration(maxTimeoutMs)
      return `${field} is ${ms / 1_000}, and the operator grants ${most} at most (--max-timeout): ${most} is used`
    })
  if (problems.length === 0) return desired
  const limited = (ms: number): number => Math.min(ms, maxTimeoutMs)
  return {
    ...desired,
    timeoutMs: limited(desired.timeoutMs),
    rollback: { ...rollback, timeoutMs: limited(rollback.timeoutMs) },
    test: { ...test, timeoutMs: limited(test.timeoutMs) },
    problems: [...desired.problems, ...problems],
  }
}
