// Which words of a YAML document are numbers, and how numbers are spelled as keys: by the rules of Go's yaml.v2 on its way
// to JSON, which are neither those of YAML 1.1 nor of 1.2.

const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
// What begins with a point may hold underscores between digits only.
const fraction = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/
const endless = /^([-+]?)\.(?:inf|Inf|INF)$/
const noNumber = /^\.(?:nan|NaN|NAN)$/
// Nobody writes more digits, and reading a million takes its time.
const longestWord = 1_000
const longest = { positive: 2n ** 63n - 1n, negative: 2n ** 63n, unsigned: 2n ** 64n - 1n }

/** The number a plain word stands for: a bigint for integers up to 64 bits, else a double; undefined for a text. */
export function readNumber(word: string): bigint | number | undefined {
  const [, sign] = endless.exec(word) ?? []
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity
  if (noNumber.test(word)) return NaN
  if (word.startsWith('.')) return fraction.test(word) ? readDouble(word) : undefined
  if (word.length > longestWord) return undefined
  const plain = word.replaceAll('_', '')
  return readInteger(plain) ?? (decimal.test(plain) ? readDouble(plain) : undefined)
}

/** A number as the name of a member; undefined for those that Go refuses. */
export function numberAsKey(number: bigint | number): string | undefined {
  if (typeof number === 'bigint') return number > longest.positive ? undefined : String(number)
  const single = Math.fround(number)
  if (Number.isNaN(single)) return '.nan'
  if (!Number.isFinite(single)) return single < 0 ? '-.inf' : '.inf'
  if (single === 0) return Object.is(single, -0) ? '-0' : '0'
  return shortest(single)
}

function readInteger(plain: string): bigint | undefined {
  const [, sign = '', digits] = integer.exec(plain) ?? []
  if (digits === undefined) return undefined
  const size = BigInt(digits.replace(/^0(?=[0-7])/, '0o'))
  const { positive, negative, unsigned } = longest
  const most = sign === '-' ? negative : sign === '+' ? positive : unsigned
  if (size > most) return undefined
  return sign === '-' ? -size : size
}

// Too large for a double is a text, too.
function readDouble(plain: string): number | undefined {
  const number = Number(plain.replaceAll('_', ''))
  return Number.isFinite(number) ? number : undefined
}

// As few digits as tell it from other numbers of single precision; with an exponent of two digits from a million on.
function shortest(single: number): string {
  let text = ''
  for (let digits = 0; Math.fround(Number(text)) !== single || text === ''; digits++)
    text = single.toExponential(digits)
  const [mantissa = '', exponent = ''] = text.split('e')
  const size = Number(exponent)
  if (size >= -4 && size < 6) return String(Number(text))
  return `${mantissa}e${size < 0 ? '-' : '+'}${String(Math.abs(size)).padStart(2, '0')}`
}
