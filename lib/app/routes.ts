// The doors of the operator: is it alive, is it ready, its figures, and the hook for pushes to git.
import type { Clock } from '../model/ports.ts'
import type { OperatorMetrics } from './metrics.ts'
import { isSigned } from './hook-signature.ts'
import type { Answer, Routes } from './server.ts'

export type Doors = {
  // What is still missing before it can work, in words.
  missing: () => readonly string[]
  metrics: Pick<OperatorMetrics, 'read'>
  // Looks for news in every git repository.
  refreshGit: () => Promise<unknown>
  clock: Clock
  // Without a secret, everybody may call the hook. The interval is the least between the beginnings of two refreshes.
  hook: { secret?: string; intervalMs: number }
}

// Whoever pushes to ten repositories at once calls ten times.
const burstMs = 100

/** The routes, as fluxcd/helm-operator had them, and /readyz. Profiles of a Go program are not among them. */
export function createRoutes(doors: Doors): Routes {
  const refresh = createRefresh(doors)
  return {
    // Whoever can answer is alive: nothing that a restart would mend is wrong with it.
    '* /healthz': () => ok,
    'GET /readyz': () => {
      const missing = doors.missing()
      if (missing.length === 0) return ok
      return { status: 503, body: missing.map((what) => `waiting for ${what}\n`).join('') }
    },
    'GET /metrics': async () => {
      const { text, contentType } = await doors.metrics.read()
      return { status: 200, body: text, contentType }
    },
    'POST /api/v1/sync-git': async (request) => {
      const { secret } = doors.hook
      if (secret !== undefined && !(await isSigned(secret, request))) return unsigned
      refresh()
      return ok
    },
  }
}

const ok: Answer = { status: 200, body: 'OK' }
const unsigned: Answer = { status: 401, body: 'the request is not signed with the secret\n' }

// One at a time. What is asked for before it begins is served by it; what is asked for later, by one more.
function createRefresh({ refreshGit, clock, hook }: Doors): () => void {
  let isWanted = false
  let isRunning = false
  let begunAt = -Infinity
  const run = async (): Promise<void> => {
    while (isWanted) {
      await clock.sleep(Math.max(burstMs, begunAt + hook.intervalMs - clock.now()))
      isWanted = false
      begunAt = clock.now()
      // Whoever fetches says what is wrong with a repository.
      await refreshGit().catch(() => {})
    }
  }
  return () => {
    isWanted = true
    if (isRunning) return
    isRunning = true
    void run().finally(() => (isRunning = false))
  }
}
