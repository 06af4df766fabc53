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

/** The result of a promise, if it comes in time on this machine; what is said of it otherwise. */
export async function within<T>(
  idleMs: number,
  result: Promise<T>,
  what: () => string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what())), deadlineMs(idleMs))
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}
