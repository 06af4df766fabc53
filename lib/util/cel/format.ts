// "%s has %d of %.2f": how the strings extension of CEL writes values into a text.

/** The text with its clauses replaced; throws Error for a clause without a value, or a value of the wrong kind. */
export function formatText(text: string, values: readonly unknown[]): string {
  let next = 0
  return text.replaceAll(/%(?:(%)|(?:\.(\d{1,3}))?([a-zA-Z]))/g, (_, percent, digits, clause) => {
    if (percent !== undefined) return '%'
    if (next >= values.length) throw new Error(`index ${next} out of range`)
    return clauseText(String(clause), values[next++], digits === undefined ? 6 : Number(digits))
  })
}

function clauseText(clause: string, value: unknown, digits: number): string {
  switch (clause) {
    case 's':
      return textOf(value)
    case 'd':
      return String(whole(clause, value))
    case 'f':
      return number(clause, value).toFixed(digits)
    case 'e':
      return number(clause, value)
        .toExponential(digits)
        .replace(/e([+-])(\d)$/, 'e$10$2')
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : whole(clause, value).toString(2)
    case 'o':
      return whole(clause, value).toString(8)
    case 'x':
    case 'X': {
      const text =
        typeof value === 'string'
          ? [...new TextEncoder().encode(value)].map(hexOf).join('')
          : whole(clause, value).toString(16)
      return clause === 'X' ? text.toUpperCase() : text
    }
    default:
      throw new Error(`unrecognized formatting clause "${clause}"`)
  }
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function whole(clause: string, value: unknown): bigint {
  if (typeof value === 'bigint') return value
  throw new Error(`${clause} clause can only be used on integers`)
}

function number(clause: string, value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  throw new Error(`${clause} clause can only be used on doubles`)
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`
  if (value instanceof Date) return value.toISOString().replace(/\.000Z$/, 'Z')
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  return `{${entries.map(([key, member]) => `${textOf(key)}: ${textOf(member)}`).join(', ')}}`
}
