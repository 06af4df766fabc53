// The doors of the operator: is it alive, is it ready, its figures, and the hook for pushes to git.
import type { Clock } from '../model/ports.ts'
import type { OperatorMetrics } from './metrics.ts'
import type { Answer, Routes } from './server.ts'

export type Doors = {
  // What is still missing before it can work, in words.
  missing: () => readonly string[]
  metrics: Pick<OperatorMetrics, 'read'>
  // Looks for news in every git repository.
  refreshGit: () => Promise<unknown>
  clock: Clock
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
    'POST /api/v1/sync-git': () => {
      refresh()
      return ok
    },
  }
}

const ok: Answer = { status: 200, body: 'OK' }

// One at a time. What is asked for before it begins is served by it; what is asked for later, by one more.
function createRefresh({ refreshGit, clock }: Doors): () => void {
  let isWanted = false
  let isRunning = false
  const run = async (): Promise<void> => {
    while (isWanted) {
      await clock.sleep(burstMs)
      isWanted = false
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
