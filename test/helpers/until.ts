// Waiting for a condition instead of for a time.
import { deadlineMs } from './deadline.ts'

/** Asks again and again until the answer is neither undefined nor false; fails when that takes too long on this machine. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  idleMs = 20_000,
): Promise<T> {
  const timeoutMs = deadlineMs(idleMs)
  const endsAt = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > endsAt) throw new Error(`${what}: not within ${timeoutMs / 1_000} s`)
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}
