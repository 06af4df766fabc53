// Are two JSON values the same? Unlike digests it stops at the first difference, and it nests as deep as they do.

/** The order of keys does not matter; undefined members count as absent. */
export function isSameJson(a: unknown, b: unknown): boolean {
  const pending: [unknown, unknown][] = [[a, b]]
  for (let pair = pending.pop(); pair !== undefined; pair = pending.pop()) {
    const [left, right] = pair
    if (left === right) continue
    if (!isCollection(left) || !isCollection(right)) return false
    if (Array.isArray(left) !== Array.isArray(right)) return false
    const [ours, theirs] = [keysOf(left), keysOf(right)]
    if (ours.length !== theirs.length) return false
    for (const key of ours) {
      if (!Object.hasOwn(right, key)) return false
      pending.push([left[key], right[key]])
    }
  }
  return true
}

function isCollection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function keysOf(value: Record<string, unknown>): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined)
}
