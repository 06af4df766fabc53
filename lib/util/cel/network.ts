// Addresses in expressions: ip('10.0.0.1').isLoopback(), cidr('10.0.0.0/8').containsIP('10.1.2.3'), url(self.address).getHost().
import type { Environment } from '@marcbachmann/cel-js'
import { formatAddress, isWithin, parseAddress, type Address } from '../ip.ts'

class Ip {
  readonly address: Address
  constructor(address: Address) {
    this.address = address
  }
}

class Cidr {
  readonly ip: Ip
  readonly length: number
  constructor(ip: Ip, length: number) {
    this.ip = ip
    this.length = length
  }
}

/** ip, isIP, cidr, isCIDR, url, isURL and their methods, as Kubernetes' libraries have them. */
export function registerNetwork(environment: Environment): void {
  registerAddresses(environment)
  registerRanges(environment)
  registerUrls(environment)
}

function registerAddresses(environment: Environment): void {
  environment
    .registerType('net.IP', Ip)
    .registerFunction('ip(string): net.IP', parseIp)
    .registerFunction('isIP(string): bool', (text: string) => parseAddress(text) !== undefined)
    .registerFunction('string(net.IP): string', ({ address }: Ip) => formatAddress(address))
    .registerOperator('net.IP == net.IP', (a: Ip, b: Ip) => isSame(a.address, b.address))
    .registerFunction('net.IP.family(): int', ({ address }: Ip) => (address.size === 32 ? 4n : 6n))
  for (const [name, ranges] of Object.entries(kinds))
    environment.registerFunction(`net.IP.${name}(): bool`, (ip: Ip) => isInAny(ip, ranges))
  const special = [...Object.values(kinds).flat(), ...multicast]
  environment.registerFunction('net.IP.isGlobalUnicast(): bool', (ip: Ip) => !isInAny(ip, special))
}

const multicast = ['224.0.0.0/4', '255.255.255.255/32', 'ff00::/8']
const kinds: Record<string, readonly string[]> = {
  isUnspecified: ['0.0.0.0/32', '::/128'],
  isLoopback: ['127.0.0.0/8', '::1/128'],
  isLinkLocalMulticast: ['224.0.0.0/24', 'ff02::/16'],
  isLinkLocalUnicast: ['169.254.0.0/16', 'fe80::/10'],
}

function isSame(a: Address, b: Address): boolean {
  return a.size === b.size && a.bits === b.bits
}

function isInAny(ip: Ip, ranges: readonly string[]): boolean {
  return ranges.some((range) => contains(parseCidr(range), ip))
}

function contains({ ip, length }: Cidr, { address }: Ip): boolean {
  return isWithin(address, ip.address, length)
}

function parseIp(text: string): Ip {
  const address = parseAddress(text)
  if (address !== undefined) return new Ip(address)
  throw new Error(`IP Address '${text}' parse error during conversion from string`)
}

function rangeIn(text: string): Cidr | undefined {
  const [start = '', length = '', ...rest] = text.split('/')
  const address = parseAddress(start)
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length))
    return undefined
  return Number(length) <= address.size ? new Cidr(new Ip(address), Number(length)) : undefined
}

function parseCidr(text: string): Cidr {
  const range = rangeIn(text)
  if (range !== undefined) return range
  throw new Error(`CIDR '${text}' parse error during conversion from string`)
}

function registerRanges(environment: Environment): void {
  environment
    .registerType('net.CIDR', Cidr)
    .registerFunction('cidr(string): net.CIDR', parseCidr)
    .registerFunction('isCIDR(string): bool', (text: string) => rangeIn(text) !== undefined)
    .registerFunction(
      'string(net.CIDR): string',
      ({ ip, length }: Cidr) => `${formatAddress(ip.address)}/${length}`,
    )
    .registerFunction('net.CIDR.ip(): net.IP', ({ ip }: Cidr) => ip)
    .registerFunction('net.CIDR.masked(): net.CIDR', masked)
    .registerFunction('net.CIDR.prefixLength(): int', ({ length }: Cidr) => BigInt(length))
    .registerFunction('net.CIDR.containsIP(string): bool', (range: Cidr, text: string) =>
      contains(range, parseIp(text)),
    )
    .registerFunction('net.CIDR.containsIP(net.IP): bool', contains)
    .registerFunction('net.CIDR.containsCIDR(string): bool', (range: Cidr, text: string) =>
      containsRange(range, parseCidr(text)),
    )
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', containsRange)
}

function masked({ ip: { address }, length }: Cidr): Cidr {
  const shift = BigInt(address.size - length)
  return new Cidr(new Ip({ ...address, bits: (address.bits >> shift) << shift }), length)
}

function containsRange(range: Cidr, other: Cidr): boolean {
  return other.length >= range.length && contains(range, other.ip)
}

function registerUrls(environment: Environment): void {
  environment
    .registerType('kubernetes.URL', URL)
    .registerFunction('url(string): kubernetes.URL', parseUrl)
    .registerFunction(
      'isURL(string): bool',
      (text: string) => URL.canParse(text, base) && isUrl(text),
    )
  const parts: Record<string, (url: URL) => string> = {
    getScheme: ({ protocol }) => (protocol === relative ? '' : protocol.slice(0, -1)),
    getHost: ({ host, protocol }) => (protocol === relative ? '' : host),
    getHostname: ({ hostname, protocol }) =>
      protocol === relative ? '' : hostname.replace(/^\[|\]$/g, ''),
    getPort: ({ port }) => port,
    getEscapedPath: ({ pathname }) => pathname,
  }
  for (const [name, part] of Object.entries(parts))
    environment.registerFunction(`kubernetes.URL.${name}(): string`, part)
  environment.registerFunction(
    'kubernetes.URL.getQuery(): map<string, list<string>>',
    (url: URL) => {
      const names = [...new Set(url.searchParams.keys())]
      return new Map(names.map((name) => [name, url.searchParams.getAll(name)]))
    },
  )
}

// An absolute path is a URL, too.
const relative = 'path:'
const base = `${relative}//host`

function isUrl(text: string): boolean {
  return /^([a-z][a-z0-9+.-]*:|\/)/i.test(text) && !/\s/.test(text)
}

function parseUrl(text: string): URL {
  if (!isUrl(text) || !URL.canParse(text, base))
    throw new Error(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    )
  return new URL(text, base)
}
