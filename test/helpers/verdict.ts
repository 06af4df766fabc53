// What test/worker.ts tells test/run.ts of a file, amid all that the tests themselves print.

export type Verdict = {
  passed: number
  failures: string[]
  // "<title>: <reason>", for each test that this machine cannot run.
  skipped: string[]
}

// No test prints it.
const mark = '\u0001'

export function encodeVerdict(verdict: Verdict): string {
  return `${mark}${JSON.stringify(verdict)}\n`
}

/** The first verdict in what was printed, with what stands before and behind it; the tail of one may still be missing. */
export function findVerdict(printed: string): { before: string; verdict?: Verdict; after: string } {
  const at = printed.indexOf(mark)
  if (at < 0) return { before: printed, after: '' }
  const before = printed.slice(0, at)
  const end = printed.indexOf('\n', at)
  if (end < 0) return { before, after: printed.slice(at) }
  const verdict = JSON.parse(printed.slice(at + mark.length, end)) as Verdict
  return { before, verdict, after: printed.slice(end + 1) }
}
