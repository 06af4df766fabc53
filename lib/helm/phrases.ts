// How what helm says of templates, schemas, permissions and readiness is put into half a sentence.

const longest = 400
export const short = (text = ''): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`
}
export const listed = (items: Iterable<string>): string => [...new Set(items)].join(', ')
export const colon = (text: string): string => (text === '' ? '' : `: ${text}`)
export const isLate = (text: string): boolean =>
  /context deadline exceeded|timed out waiting/.test(text)
export const refOf = (kind = '', namespace = '', name = ''): string =>
  [kind, namespace, name].filter((part) => part).join('/')

// "chart: - violation" line by line, one block for each chart.
export function schemaLines(violations = ''): string {
  return violations
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) =>
      line.startsWith('- ') ? `${line.slice(2)};` : `(chart ${line.replace(/:$/, '')})`,
    )
    .join(' ')
    .replace(/;$/, '')
}

// The innermost template is where it fails; the outermost is the one that people know.
export function templateError(text: string): string {
  const calls = [
    ...text.matchAll(
      /(?:template: )?([^\s:"(]+:\d+(?::\d+)?):?\s+executing "[^"]*" at <(.*?)>:\s*/gs,
    ),
  ]
  const last = calls.at(-1)
  if (last === undefined) return short(text)
  const why = text.slice(last.index + last[0].length)
  const [first] = calls
  const by = first !== last ? ` (called from ${first?.[1]})` : ''
  return `template ${last[1]}${by} fails at <${last[2]}>: ${short(why)}`
}

// Helm 4 names what it waits for, Helm 3 only what has failed.
export function unready(text: string): string {
  const by4 = /resource (\w+)\/([^/\s]*)\/(\S+) not ready\. status: (\w+), message: ([^\n]*)/g
  const by3 = /(?:^|; )(job|pod) (\S+) failed(?:: (\w+))?/g
  return short(
    listed([
      ...Array.from(
        text.matchAll(by4),
        ([, kind, namespace, name, status, message]) =>
          `${refOf(kind, namespace, name)} (${status}: ${message})`,
      ),
      ...Array.from(
        text.matchAll(by3),
        ([, kind, name, why]) => `${kind} "${name}" failed${why ? ` (${why})` : ''}`,
      ),
    ]),
  )
}
