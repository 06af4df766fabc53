// What Kubernetes' expressions can do with texts beyond the core of the language: RE2 patterns, and the strings extension.
import type { Environment } from '@marcbachmann/cel-js'
import type { RE2JS } from 're2js'
import { compileRe2, findAll } from '../re2.ts'
import type { Budget } from './budget.ts'
import { formatText } from './format.ts'
import { reserved } from './render.ts'

type Spend = Budget['spend']

/** matches, find, findAll, join, replace, charAt, reverse, format, and strings.quote. */
export function registerText(environment: Environment, spend: Spend): void {
  registerPatterns(environment, spend)
  const made = (text: string): string => {
    spend(Math.ceil(text.length / 10))
    return text
  }
  const join = (parts: readonly string[], between: string): string => {
    const size = parts.reduce((sum, part) => sum + part.length + between.length, 0)
    spend(Math.ceil(size / 10))
    return parts.join(between)
  }
  const replace = (text: string, from: string, to: string, most: bigint): string =>
    replaced({ text, from, to, most: Number(most) }, spend)
  environment
    .registerFunction(`list<string>.${reserved}join(): string`, (parts: string[]) =>
      join(parts, ''),
    )
    .registerFunction(`list<string>.${reserved}join(string): string`, join)
    .registerFunction(
      `string.${reserved}replace(string, string): string`,
      (text: string, from: string, to: string) => replace(text, from, to, -1n),
    )
    .registerFunction(`string.${reserved}replace(string, string, int): string`, replace)
    .registerFunction('string.charAt(int): string', charAt)
    .registerFunction('string.reverse(): string', (text: string) =>
      made([...text].reverse().join('')),
    )
    .registerFunction('string.format(list<dyn>): string', (text: string, values: unknown[]) =>
      made(formatText(text, values)),
    )
}

function charAt(text: string, at: bigint): string {
  const signs = [...text]
  if (at < 0n || at > BigInt(signs.length)) throw new Error(`index out of range: ${at}`)
  return signs[Number(at)] ?? ''
}

type Replacing = { text: string; from: string; to: string; most: number }

function replaced({ text, from, to, most }: Replacing, spend: Spend): string {
  // Nothing is found at each end and between any two signs.
  const parts = from === '' ? ['', ...text, ''] : text.split(from)
  const times = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1)
  spend(Math.ceil((text.length + times * to.length) / 10))
  const rest = parts.slice(times).join(from)
  return [...parts.slice(0, times), rest].join(to)
}

function registerPatterns(environment: Environment, spend: Spend): void {
  const compiled = new Map<string, RE2JS>()
  const compile = (pattern: string): RE2JS => {
    const known = compiled.get(pattern)
    if (known !== undefined) return known
    // Compiling is dear, and a pattern may be made anew by each turn of a loop.
    spend(5000 + pattern.length * 50)
    const fresh = compileRe2(pattern)
    if (compiled.size >= 100) compiled.clear()
    compiled.set(pattern, fresh)
    return fresh
  }
  // Linear in the text, for each place that the pattern can be at.
  const search = (text: string, pattern: string): RE2JS => {
    const expression = compile(pattern)
    spend(Math.ceil(((text.length + 1) * expression.programSize()) / 100))
    return expression
  }
  const test = (text: string, pattern: string): boolean => search(text, pattern).test(text)
  environment
    .registerFunction(`string.${reserved}matches(string): bool`, test)
    .registerFunction('matches(string, string): bool', test)
    .registerFunction('string.find(string): string', (text: string, pattern: string) => {
      return findAll(search(text, pattern), text, 1)[0] ?? ''
    })
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(search(text, pattern), text),
    )
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (text: string, pattern: string, most: bigint) =>
        findAll(search(text, pattern), text, most < 0n ? Infinity : Number(most)),
    )
}
