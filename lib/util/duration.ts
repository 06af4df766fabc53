// Go's durations, as flags and specs write them: "3m", "1h30m", "250ms".

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a Go duration; undefined when the text is none. "0" needs no unit, everything else does. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const whole = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/
  if (!whole.test(text)) return undefined
  let ms = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    ms += Number(number) * unitMs[unit!]!
  return ms
}

/** The shortest way to say it: 90000 is "1m30s", 250 is "250ms", 0 is "0s". */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return ms === 0 ? '0s' : `${Math.round(ms)}ms`
  const seconds = Math.round(ms / 1_000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  return parts.map(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : '')).join('')
}

// A timer holds its delay in 31 bits of milliseconds, 24.8 days; a longer one goes off at once.
const longestTimerMs = 2 ** 31 - 1

/** The delay that a timer can be given in place of this one, which may be longer than a timer can be, or endless. */
export function timerMs(ms: number): number {
  return Math.min(ms, longestTimerMs)
}
