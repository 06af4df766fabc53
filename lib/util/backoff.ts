// How long to wait before the next try: ever longer, never the same for everybody.

export type Backoff = { firstMs: number; maxMs: number }

/** Milliseconds before retry number attempt (from 0): doubling up to maxMs, of which the upper half is left to chance. */
export function backoffMs(
  attempt: number,
  { firstMs, maxMs }: Backoff,
  random: () => number,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** attempt)
  return Math.round(full * (0.5 + random() / 2))
}
