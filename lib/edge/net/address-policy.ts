// Which addresses may charts, values and git be fetched from? Who may write a HelmRelease, or serve what one names, must not have
// the operator ask the metadata service of a cloud, or what listens on its own pod.
import { BlockList, isIP } from 'node:net'
import type { LookupAddress } from 'node:dns'

export type AddressPolicy = {
  // Why nothing is fetched from an address; undefined when it may be.
  refusal(address: string): string | undefined
}

type Range = readonly [network: string, bits: number]

// RFC 3927 and 4291, the metadata services of AWS (also over IPv6), Azure, GCP, Alibaba and Oracle, and what is no single host.
const everywhere: readonly Range[] = [
  ['169.254.0.0', 16],
  ['192.0.0.192', 32],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
]
// Linux takes the unspecified address for this machine.
const loopback: readonly Range[] = [
  ['0.0.0.0', 8],
  ['::', 128],
  ['127.0.0.0', 8],
  ['::1', 128],
]

/**
 * The policy of an operator. Loopback is refused in a cluster only, where it is the operator's own pod: at home, it is where
 * people serve their charts. Private networks stay open, for registries in the cluster. `allowed`: addresses and networks
 * ("10.0.0.0/8") that are never refused.
 */
export function createAddressPolicy({
  allowed,
  isInCluster,
}: {
  allowed: readonly string[]
  isInCluster: boolean
}): AddressPolicy {
  const open = listOf(allowed.flatMap((text) => parseNetwork(text) ?? []))
  const closed = listOf(everywhere)
  const own = listOf(isInCluster ? loopback : [])
  return {
    refusal: (address) => {
      const plain = embedded(address)
      if (contains(open, plain)) return undefined
      if (contains(closed, plain)) return `address ${plain} is link-local or a metadata service`
      if (contains(own, plain)) return `address ${plain} is the operator's own pod`
      return undefined
    },
  }
}

/** "10.0.0.0/8", or an address alone; undefined when the text is neither. */
export function parseNetwork(text: string): [Range] | undefined {
  const [address = '', bits, ...rest] = text.split('/')
  const most = isIP(address) === 6 ? 128 : 32
  if (isIP(address) === 0 || rest.length > 0) return undefined
  if (bits === undefined) return [[address, most]]
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? [[address, Number(bits)]] : undefined
}

/**
 * The literal address of a URL's host, without brackets; undefined for a name. The URL parser has turned other spellings, such
 * as 0x7f.1 and 2130706433, into the usual one.
 */
export function literalAddress(host: string): string | undefined {
  const address = host.replace(/^\[|\]$/g, '')
  return isIP(address) === 0 ? undefined : address
}

/** The first refusal among the addresses of a name; a connection may go to any of them. */
export function refusalOfAll(
  policy: AddressPolicy,
  addresses: readonly Pick<LookupAddress, 'address'>[],
): string | undefined {
  for (const { address } of addresses) {
    const why = policy.refusal(address)
    if (why !== undefined) return why
  }
  return undefined
}

function listOf(ranges: readonly Range[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of ranges)
    list.addSubnet(network, bits, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

// An IPv4 address inside an IPv6 one: mapped (::ffff:0:0/96), translated by NAT64 (64:ff9b::/96), or 6to4 (2002::/16).
function embedded(address: string): string {
  const zoneless = address.replace(/%.*$/, '')
  if (isIP(zoneless) !== 6) return zoneless
  const words = wordsOf(zoneless)
  const prefix = words.slice(0, 6).join(':')
  if (prefix === '0:0:0:0:0:65535' || prefix === '100:65435:0:0:0:0') return dotted(words, 6)
  return words[0] === 0x2002 ? dotted(words, 1) : zoneless
}

function dotted(words: readonly number[], at: number): string {
  const [high = 0, low = 0] = words.slice(at, at + 2)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

// The eight words of an IPv6 address. The URL parser writes its canonical form, without dots.
function wordsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16))
  const [left, right] = [parse(head), parse(tail ?? '')]
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return [...left, ...Array.from({ length: zeros }, () => 0), ...right]
}
