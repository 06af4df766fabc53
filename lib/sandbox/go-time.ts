// Is a text a time as Go reads it, and if not, how does Go say so?

const layout = '2006-01-02T15:04:05Z07:00'
const ranges: readonly (readonly [name: string, low: number, high: number])[] = [
  ['year', 0, 9999],
  ['month', 1, 12],
  ['day', 1, 31],
  ['hour', 0, 23],
  ['minute', 0, 59],
  ['second', 0, 59],
]
// The parts of the layout in their order, and what each takes of the text.
const parts: readonly (readonly [part: string, taken: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d{2}/],
  ['-', /^-/],
  ['02', /^\d{2}/],
  ['T', /^T/],
  ['15', /^\d{1,2}/],
  [':', /^:/],
  ['04', /^\d{2}/],
  [':', /^:/],
  ['05', /^\d{2}([.,]\d+)?/],
  ['Z07:00', /^(Z|[+-]\d{2}:\d{2})/],
]

/** What is wrong with an RFC 3339 time, in the words of Go's time.Parse; undefined where nothing is. */
export function timeProblem(text: string): string | undefined {
  const start = `parsing time ${JSON.stringify(text)}`
  const numbers: number[] = []
  let rest = text
  for (const [part, taken] of parts) {
    const [found] = taken.exec(rest) ?? []
    if (found === undefined)
      return `${start} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${part}"`
    if (/^\d/.test(found)) numbers.push(Number.parseInt(found, 10))
    rest = rest.slice(found.length)
  }
  if (rest !== '') return `${start}: extra text: ${JSON.stringify(rest)}`
  const wrong = ranges.find(([, low, high], at) => numbers[at]! < low || numbers[at]! > high)
  if (wrong !== undefined) return `${start}: ${wrong[0]} out of range`
  return isDay(numbers) ? undefined : `${start}: day out of range`
}

function isDay([year = 0, month = 1, day = 1]: readonly number[]): boolean {
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}
