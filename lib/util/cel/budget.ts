// How much an evaluation may cost, counted in steps: a step is a node of the expression that is run, or a few characters
// that are read or written. What is spent is known before the work is done, so nothing runs far beyond it.

export interface Budget {
  // Throws BudgetError when less than this is left.
  spend(steps: number): void
  readonly left: number
}

export class BudgetError extends Error {
  override readonly name = 'BudgetError'
}

/** A budget of so many steps; all that is spent from it counts together. */
export function createBudget(steps: number): Budget {
  let left = steps
  return {
    get left() {
      return left
    },
    spend(cost) {
      left -= Math.max(0, cost)
      if (left < 0) throw new BudgetError('call cost exceeds limit')
    },
  }
}
