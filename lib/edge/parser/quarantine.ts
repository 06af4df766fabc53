// Which inputs were too much for the parser? They are refused without being read again, until they change or some time has
// passed: it may have been the machine that was at its limits.
import { createLru } from '../../util/lru.ts'

export type Quarantine = {
  // Why an input is refused; undefined when it is not.
  reasonFor(identity: string): string | undefined
  add(identity: string, reason: string): void
  readonly isEmpty: boolean
}

const maxInputs = 1_000
const forgetMs = 3_600_000

/** An empty quarantine. An identity stands for the content of an input, such as its digest. */
export function createQuarantine(now: () => number): Quarantine {
  const inputs = createLru<{ reason: string; since: number }>(maxInputs)
  return {
    get isEmpty() {
      return inputs.weight === 0
    },
    reasonFor: (identity) => {
      const input = inputs.get(identity)
      if (input === undefined || now() - input.since < forgetMs) return input?.reason
      inputs.delete(identity)
      return undefined
    },
    add: (identity, reason) => inputs.set(identity, { reason, since: now() }, 1),
  }
}
