// Which of the names there are did somebody mean, who wrote one that is not there?

// What is longer was not mistyped, and of more candidates than this the first ones must do.
const longest = 100
const mostCandidates = 5_000

/** Up to `limit` candidates that are a typing mistake away from `wanted` or contain it, nearest first. */
export function nearest(wanted: string, candidates: Iterable<string>, limit = 3): string[] {
  if (wanted.length > longest) return []
  const lower = wanted.toLowerCase()
  const found: { name: string; distance: number }[] = []
  let left = mostCandidates
  for (const name of new Set(candidates)) {
    if (left-- === 0) break
    if (name.length > longest) continue
    const distance = editDistance(lower, name.toLowerCase(), tolerance(wanted))
    const contains = lower.length > 2 && name.toLowerCase().includes(lower)
    if (distance <= tolerance(wanted)) found.push({ name, distance })
    else if (contains) found.push({ name, distance: tolerance(wanted) + 1 })
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name)
}

/** The end of a sentence: `; did you mean "podinfo"?`, or nothing when no candidate is near. */
export function didYouMean(wanted: string, candidates: Iterable<string>): string {
  const names = nearest(wanted, candidates).map((name) => `"${name}"`)
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`
}

// Two slips in a word of usual length; more and everything looks alike.
function tolerance(wanted: string): number {
  return wanted.length < 4 ? 1 : wanted.length < 8 ? 2 : 3
}

// Insertions, deletions, replacements and swaps of neighbours; anything above `most` is only known to be more.
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    before = above
    above = row
  }
  return above[b.length]!
}
