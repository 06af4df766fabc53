// How does Kubernetes write a quantity? "1024Mi" is "1Gi", 0.5 is "500m", 2000m is "2".

const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const nano = 1_000_000_000n

/** The canonical form of a quantity, or the reason why it is none, in the words of a Go client. */
export function canonicalQuantity(value: string | number): { text: string } | { error: string } {
  const text = String(value)
  const amount = amountOf(text)
  return amount === undefined
    ? { error: noQuantity }
    : { text: written(amount, partsOf(text)![2]!) }
}

// Longer numbers and larger powers are refused: arithmetic with them would take for ever, and nothing is that large.
const longest = 128
const largestPower = 100

function partsOf(text: string): RegExpExecArray | null {
  if (text.length > longest) return null
  return /^([+-]?(?:\d+\.?\d*|\.\d+))([A-Za-z]*)([+-]?\d*)$/.exec(text)
}

/** How much a quantity is, in billionths; undefined when it is none. */
export function amountOf(text: string): bigint | undefined {
  const [, digits = '', suffix = '', exponent = ''] = partsOf(text) ?? []
  const power = scaleOf(suffix, exponent)
  if (digits === '' || power === undefined) return undefined
  return scaled(digits.replace(/^[+-]/, ''), power) * (digits.startsWith('-') ? -1n : 1n)
}

/** Less than zero when the left quantity is smaller, more when it is larger; what is no quantity compares as equal. */
export function compareQuantities(left: string, right: string): number {
  const [a, b] = [amountOf(left), amountOf(right)]
  return a === undefined || b === undefined ? 0 : a < b ? -1 : a > b ? 1 : 0
}

/** What a Go client says about a text that is no quantity. */
export const noQuantity =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

type Scale = { base: bigint; exponent: number }

function scaleOf(suffix: string, exponent: string): Scale | undefined {
  if (suffix === 'e' || (suffix === 'E' && exponent !== ''))
    return exponent === '' || Math.abs(Number(exponent)) > largestPower
      ? undefined
      : { base: 10n, exponent: Number(exponent) }
  if (exponent !== '') return undefined
  if (binary.includes(suffix)) return { base: 1024n, exponent: binary.indexOf(suffix) }
  if (decimal.includes(suffix)) return { base: 10n, exponent: (decimal.indexOf(suffix) - 3) * 3 }
  return undefined
}

// Billionths, rounded up as Kubernetes does with what is finer.
function scaled(digits: string, { base, exponent }: Scale): bigint {
  const [whole = '', fraction = ''] = digits.split('.')
  let value = BigInt(`${whole}${fraction}` || '0') * nano
  let divisor = 10n ** BigInt(fraction.length)
  if (exponent >= 0) value *= base ** BigInt(exponent)
  else divisor *= base ** BigInt(-exponent)
  return (value + divisor - 1n) / divisor
}

function written(amount: bigint, suffix: string): string {
  if (amount === 0n) return '0'
  const units = amount / nano
  const isWhole = amount % nano === 0n
  // Below 1024 a binary suffix only confuses.
  const isSmall = units > -1024n && units < 1024n
  if (suffix.endsWith('i') && isWhole && !isSmall) {
    const { value, times } = reduced(units, 1024n, binary.length - 1)
    return `${value}${binary[times]}`
  }
  const { value, times } = reduced(amount, 1000n, decimal.length - 1)
  const power = (times - 3) * 3
  if (/^[eE]/.test(suffix) && suffix !== 'Ei' && suffix !== 'E')
    return power === 0 ? String(value) : `${value}e${power}`
  return `${value}${decimal[times]}`
}

function reduced(amount: bigint, by: bigint, most: number): { value: bigint; times: number } {
  let value = amount
  let times = 0
  while (times < most && value % by === 0n) {
    value /= by
    times += 1
  }
  return { value, times }
}
