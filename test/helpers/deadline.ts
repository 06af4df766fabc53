// How long a test waits before it gives up: deadlines are written for an idle machine of two cores and grow with the measured
// slowness of the one at hand.
import { performance } from 'node:perf_hooks'
import process from 'node:process'

const rounds = 20_000_000
// What the rounds take on such a machine.
const referenceMs = 30
// A machine that is slower than this is not worth waiting for.
const most = 100
const freshMs = 5_000

/** A deadline for this machine, in milliseconds, from the one for an idle machine. */
export function deadlineMs(idleMs: number): number {
  const slowness = Number(process.env.TEST_SLOWNESS)
  return Math.ceil(idleMs * (slowness > 1 ? Math.min(slowness, most) : 1))
}

/**
 * Arguments of kubectl or helm with their --timeout made for this machine. One below five seconds is there to run out, and stays
 * as it is.
 */
export function withPatience(args: readonly string[]): string[] {
  return args.map((arg) => {
    const seconds = Number(/^--timeout=(\d+)s$/.exec(arg)?.[1] ?? 0)
    return seconds < 5 ? arg : `--timeout=${Math.ceil(deadlineMs(seconds * 1_000) / 1_000)}s`
  })
}

/** Tells how many times slower than that this machine is right now, with all that runs on it: 1 at least. */
export function openSpeedometer(): () => number {
  const atStart = measureSlowness()
  let last = { value: atStart, at: Date.now() }
  return () => {
    // Other programs come and go while the suite runs.
    if (Date.now() - last.at > freshMs) last = { value: measureSlowness(), at: Date.now() }
    return Math.max(atStart, last.value)
  }
}

function measureSlowness(): number {
  const startedAt = performance.now()
  let sum = 1
  for (let round = 0; round < rounds; round++) sum = (Math.imul(sum, 31) + round) | 0
  const tookMs = performance.now() - startedAt
  // The sum is used, so that the loop is not optimised away.
  return Math.min(most, Math.max(1, tookMs / referenceMs + (sum === 0 ? 1e-9 : 0)))
}
