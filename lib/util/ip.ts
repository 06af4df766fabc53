// Addresses as numbers: 32 bits for IPv4, 128 for IPv6, without zones.

export type Address = { bits: bigint; size: 32 | 128 }

const octet = /^(0|[1-9]\d{0,2})$/

/** The address in a text; undefined where there is none. Leading zeros are refused, as Go refuses them. */
export function parseAddress(text: string): Address | undefined {
  const short = parseOctets(text)
  if (short !== undefined) return { bits: short, size: 32 }
  const long = parseGroups(text)
  return long === undefined ? undefined : { bits: long, size: 128 }
}

function parseOctets(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  if (!parts.every((part) => octet.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n)
}

function parseGroups(text: string): bigint | undefined {
  const halves = withoutOctets(text)?.split('::')
  if (halves === undefined || halves.length > 2) return undefined
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const count = head.length + (tail?.length ?? 0)
  if (tail === undefined ? count !== 8 : count > 7) return undefined
  const groups = [...head, ...Array<string>(8 - count).fill('0'), ...(tail ?? [])]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n)
}

// The last four bytes may be written as an IPv4 address.
function withoutOctets(text: string): string | undefined {
  if (!text.includes(':')) return undefined
  const at = text.lastIndexOf(':') + 1
  const last = text.slice(at)
  if (!last.includes('.')) return text
  const bits = parseOctets(last)
  if (bits === undefined) return undefined
  return `${text.slice(0, at)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`
}

/** The address as it is written shortest. */
export function formatAddress({ bits, size }: Address): string {
  if (size === 32) return [24n, 16n, 8n, 0n].map((by) => (bits >> by) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => {
    return ((bits >> BigInt(112 - at * 16)) & 0xffffn).toString(16)
  })
  // How many groups of zeros begin at each.
  const zeros = groups.map((_, at) => {
    const end = groups.findIndex((group, index) => index >= at && group !== '0')
    return (end < 0 ? 8 : end) - at
  })
  const longest = Math.max(...zeros)
  if (longest < 2) return groups.join(':')
  const start = zeros.indexOf(longest)
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest).join(':')}`
}

/** Is the address within the first `length` bits of the other one? */
export function isWithin(address: Address, range: Address, length: number): boolean {
  if (address.size !== range.size) return false
  const shift = BigInt(range.size - length)
  return address.bits >> shift === range.bits >> shift
}
