// Reads a command line by a table of flags, as Go programs do: --name=value, --name value, --switch, -x value.
import { parseBytes } from '../util/bytes.ts'
import { parseDuration } from '../util/duration.ts'
import type { Flag } from './flags.ts'

export type Values = {
  text: (name: string) => string
  list: (name: string) => readonly string[]
  isOn: (name: string) => boolean
  // Integers as they are, durations in milliseconds, amounts of memory in bytes.
  number: (name: string) => number
  // Names that were given, in the order of the table.
  given: readonly string[]
}

/** A mistake on the command line: one line for its author, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

// Go's strconv.ParseBool.
const switches: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false]),
])

/** The value of every flag of the table; throws UsageError for what is not in it or does not fit. */
export function parseFlags(
  table: readonly Flag[],
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Values {
  const given = new Map<string, string[]>()
  const rest = [...args]
  while (rest.length > 0) {
    const { flag, value } = readOne(table, rest)
    check(flag, value)
    given.set(flag.name, [...(given.get(flag.name) ?? []), value])
  }
  const find = (name: string): string[] => {
    const flag = table.find((one) => one.name === name)
    if (flag === undefined) throw new Error(`no flag "${name}" in the table`)
    const fromEnv = flag.env === undefined ? undefined : env[flag.env] || undefined
    if (fromEnv !== undefined && !given.has(name)) check(flag, fromEnv)
    return given.get(name) ?? [fromEnv ?? flag.fallback]
  }
  return {
    text: (name) => find(name).at(-1)!,
    list: (name) => find(name).flatMap((value) => value.split(',').filter((part) => part !== '')),
    isOn: (name) => switches[find(name).at(-1)!] === true,
    number: (name) => {
      const value = find(name).at(-1)!
      if (/^-?\d+$/.test(value)) return Number(value)
      return parseDuration(value) ?? parseBytes(value) ?? Number.NaN
    },
    given: table.filter(({ name }) => given.has(name)).map(({ name }) => name),
  }
}

/** The lines of --help that describe a table, one a flag. */
export function describeFlags(table: readonly Flag[]): string {
  const left = table.map(
    ({ name, short, kind }) =>
      `${short === undefined ? '    ' : `-${short}, `}--${name}${kind === 'boolean' ? '' : ` ${takes(kind)}`}`,
  )
  const width = Math.max(...left.map(({ length }) => length)) + 2
  return table
    .map(({ help, fallback, kind }, index) => {
      const shown = kind === 'string' || kind === 'list' ? JSON.stringify(fallback) : fallback
      return `  ${left[index]!.padEnd(width)}${help} (default ${shown})`
    })
    .join('\n')
}

function takes(kind: Flag['kind']): string {
  return typeof kind === 'string' ? kind : kind.join('|')
}

function readOne(table: readonly Flag[], rest: string[]): { flag: Flag; value: string } {
  const word = rest.shift()!
  const [, dashes, name, , inline] = /^(--?)([^=]+)(=([\s\S]*))?$/.exec(word) ?? []
  if (dashes === undefined) throw new UsageError(`unexpected argument "${word}"; see --help`)
  const flag = table.find((one) => (dashes === '--' ? one.name : one.short) === name)
  const [, letter, attached] = /^-(\w)([^=].*)$/.exec(word) ?? []
  const short = table.find((one) => one.short !== undefined && one.short === letter)
  if (flag === undefined && short !== undefined) return { flag: short, value: attached! }
  if (flag === undefined) throw new UsageError(`unknown flag "${dashes}${name}"; see --help`)
  if (inline !== undefined) return { flag, value: inline }
  if (flag.kind === 'boolean') return { flag, value: 'true' }
  const value = rest.shift()
  if (value === undefined) throw new UsageError(`flag "--${flag.name}" needs a value`)
  return { flag, value }
}

function check({ name, kind, isLenient }: Flag, value: string): void {
  const fail = (wanted: string): never => {
    throw new UsageError(`invalid value "${value}" for flag "--${name}": ${wanted}`)
  }
  if (kind === 'boolean' && !Object.hasOwn(switches, value)) fail('must be true or false')
  if (kind === 'integer' && !/^\d+$/.test(value)) fail('must be a whole number')
  if (kind === 'duration' && parseDuration(value) === undefined)
    fail('must be a duration such as "30s", "3m" or "1h30m"')
  if (kind === 'bytes' && parseBytes(value) === undefined)
    fail('must be an amount of memory such as "512Mi" or "1Gi"')
  if (typeof kind !== 'string' && !isLenient && !kind.includes(value))
    fail(`must be one of ${kind.join(', ')}`)
}
