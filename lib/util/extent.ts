// How much JSON do we work with? Helm and Kubernetes allow more than any of it that people write; what is far beyond that was
// made to harm, and is refused before anything walks through it.

export type Extent = { maxDepth: number; maxNodes: number }

/**
 * Values of a release, of a chart or in a document. Walking through as many nodes takes tens of milliseconds; the largest
 * public charts have 6,000. The depth keeps functions that call themselves far from the end of the call stack.
 */
export const valuesExtent: Extent = { maxDepth: 200, maxNodes: 50_000 }

/** Why a JSON value is more than that, as in "spec.values …"; undefined when it is not. Looks at no more than maxNodes nodes. */
export function explainExtent(
  value: unknown,
  { maxDepth, maxNodes }: Extent = valuesExtent,
): string | undefined {
  // Level by level: the number of rounds is the depth.
  let level = [value]
  let nodes = 0
  for (let depth = 1; level.length > 0; depth++) {
    nodes += level.length
    if (nodes > maxNodes) return `has more than ${maxNodes.toLocaleString('en')} values`
    const below: unknown[] = []
    for (const node of level) {
      if (typeof node !== 'object' || node === null) continue
      if (depth > maxDepth) return `is nested more than ${maxDepth} levels deep`
      const members = Array.isArray(node) ? node : Object.values(node)
      if (nodes + below.length + members.length > maxNodes)
        return `has more than ${maxNodes.toLocaleString('en')} values`
      for (const member of members) below.push(member)
    }
    level = below
  }
  return undefined
}

/** About how many bytes of memory a JSON value takes. It must be of bounded depth. */
export function weighJson(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length
  if (typeof value !== 'object' || value === null) return 16
  let weight = 32
  for (const [key, member] of Object.entries(value)) weight += 16 + key.length + weighJson(member)
  return weight
}
