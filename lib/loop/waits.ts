// Says of a release that it waits for its turn, once it has waited for more than a moment: one status write for each wait, and
// none where the wait is short.
import { ReconcileError, type Wait } from '../model/errors.ts'
import { formatKey } from '../model/key.ts'
import { tellWait } from '../plan/waiting.ts'
import { createLru } from '../util/lru.ts'
import type { SharedDeps } from './deps.ts'
import { readDesired } from './desired.ts'
import type { WorkQueue } from './queue.ts'
import { writeStatus } from './status.ts'

// Most waits are over by then, and nobody has looked.
const quietMs = 5_000
// Waits that are remembered; of more, some may be told twice.
const mostWaits = 10_000

type Begun = { for: Wait['for']; at: number; isTold: boolean }

export class Waits {
  readonly #deps: SharedDeps
  readonly #queue: WorkQueue
  readonly #begun = createLru<Begun>(mostWaits)

  constructor(deps: SharedDeps, queue: WorkQueue) {
    this.#deps = deps
    this.#queue = queue
  }

  /** The key has got what it waited for, or waits no more. */
  end(key: string): void {
    this.#begun.delete(key)
  }

  /** The pass over the key has ended because it has to wait. If that lasts, another look says so. */
  async note(key: string, wait: Wait): Promise<void> {
    const now = this.#deps.clock.now()
    const known = this.#begun.get(key)
    const begun = known?.for === wait.for ? known : { for: wait.for, at: now, isTold: false }
    this.#begun.set(key, begun, 1)
    if (begun.isTold) return
    const leftMs = begun.at + quietMs - now
    if (leftMs > 0) return this.#queue.addAfter(key, leftMs)
    begun.isTold = true
    await this.#tell(key, wait)
  }

  async #tell(key: string, wait: Wait): Promise<void> {
    const { clock, log } = this.#deps
    const desired = readDesired(this.#deps, key)
    if (desired === undefined) return
    const report = tellWait(desired, wait, clock.now())
    if (report === undefined) return
    try {
      await writeStatus(this.#deps, desired, { memory: desired.memory, reports: [report] })
    } catch (error) {
      // It goes on waiting all the same. An object that is gone has nobody to be told.
      if (error instanceof ReconcileError && error.code === 'Interrupted') return
      log.warn('cannot say what a release waits for', { resource: formatKey(desired.key), error })
    }
  }
}
