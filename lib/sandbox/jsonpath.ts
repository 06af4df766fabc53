// What does a JSONPath of a printer column find? The dialect is kubectl's: .a.b, ['a.b'], a\.b, [0], [-1], [1:3], [*], ..a and
// [?(@.type=="Ready")].

type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'slice'; from: number | undefined; to: number | undefined }
  | { kind: 'all' }
  | { kind: 'descend' }
  | { kind: 'filter'; left: Operand; operator: string; right: Operand | undefined }
type Operand = { steps: readonly Step[] } | { literal: unknown }

/** The values at the path, in the order of the document; none for a path that leads nowhere or cannot be read. */
export function findByJsonPath(path: string, value: unknown): unknown[] {
  const steps = parsePath(path.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, ''))
  return steps === undefined ? [] : walk(steps, [value])
}

/** Can the path be read at all? */
export function isJsonPath(path: string): boolean {
  return parsePath(path) !== undefined
}

function walk(steps: readonly Step[], values: readonly unknown[]): unknown[] {
  return steps.reduce<readonly unknown[]>(
    (found, step) => found.flatMap((value) => taken(step, value)),
    values,
  ) as unknown[]
}

function taken(step: Step, value: unknown): unknown[] {
  switch (step.kind) {
    case 'field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'index': {
      const found = Array.isArray(value) ? value.at(step.index) : undefined
      return found === undefined ? [] : [found]
    }
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to) : []
    case 'all':
      return members(value)
    case 'descend':
      return descendants(value)
    case 'filter':
      return members(value).filter((one) => holds(step, one))
    default:
      return []
  }
}

function isRecord(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function members(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  return isRecord(value) ? Object.values(value) : []
}

function descendants(value: unknown): unknown[] {
  return [value, ...members(value).flatMap(descendants)]
}

function holds({ left, operator, right }: Step & { kind: 'filter' }, one: unknown): boolean {
  const [a] = operandValues(left, one)
  if (right === undefined) return operandValues(left, one).length > 0
  const [b] = operandValues(right, one)
  if (a === undefined || b === undefined) return false
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return (a as number) < (b as number)
    case '<=':
      return (a as number) <= (b as number)
    case '>':
      return (a as number) > (b as number)
    default:
      return (a as number) >= (b as number)
  }
}

function operandValues(operand: Operand, one: unknown): unknown[] {
  return 'literal' in operand ? [operand.literal] : walk(operand.steps, [one])
}

const tokens: readonly [RegExp, (match: RegExpExecArray) => Step[] | undefined][] = [
  [/^\.\.(?=[^.[])/, () => [{ kind: 'descend' }]],
  [/^\.\.(?=\[)/, () => [{ kind: 'descend' }]],
  [/^\.?\*/, () => [{ kind: 'all' }]],
  [/^\.?\[\*\]/, () => [{ kind: 'all' }]],
  [/^\.?\['((?:[^'\\]|\\.)*)'\]/, (match) => [field(match[1]!)]],
  [/^\.?\["((?:[^"\\]|\\.)*)"\]/, (match) => [field(match[1]!)]],
  [/^\.?\[(-?\d+)\]/, (match) => [{ kind: 'index', index: Number(match[1]) }]],
  [/^\.?\[(-?\d*):(-?\d*)\]/, (match) => [slice(match[1]!, match[2]!)]],
  [/^\.?\[\?\((.*?)\)\]/, (match) => filter(match[1]!)],
  [/^\.?((?:[^.[\]\\*\s]|\\.)+)/, (match) => [field(match[1]!)]],
  [/^\.$/, () => []],
]

function parsePath(path: string): Step[] | undefined {
  const steps: Step[] = []
  let rest = path.trim()
  while (rest !== '') {
    const next = firstToken(rest)
    if (next === undefined) return undefined
    steps.push(...next.steps)
    rest = rest.slice(next.length)
  }
  return steps
}

function firstToken(text: string): { steps: Step[]; length: number } | undefined {
  for (const [pattern, read] of tokens) {
    const match = pattern.exec(text)
    if (match === null) continue
    const steps = read(match)
    return steps === undefined ? undefined : { steps, length: match[0].length }
  }
  return undefined
}

function field(text: string): Step {
  return { kind: 'field', name: text.replaceAll(/\\(.)/g, '$1') }
}

function slice(from: string, to: string): Step {
  const bound = (text: string): number | undefined => (text === '' ? undefined : Number(text))
  return { kind: 'slice', from: bound(from), to: bound(to) }
}

function filter(condition: string): Step[] | undefined {
  const match = /^(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)$/.exec(condition.trim())
  const [left, right] = [operand(match?.[1] ?? condition), operand(match?.[3] ?? '@')]
  if (left === undefined || right === undefined) return undefined
  return [{ kind: 'filter', left, operator: match?.[2] ?? '', right: match ? right : undefined }]
}

function operand(text: string): Operand | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('@')) {
    const steps = parsePath(trimmed.slice(1))
    return steps && { steps }
  }
  const quoted = /^(['"])(.*)\1$/.exec(trimmed)
  if (quoted) return { literal: quoted[2] }
  if (trimmed === 'true' || trimmed === 'false') return { literal: trimmed === 'true' }
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? { literal: Number(trimmed) } : undefined
}
