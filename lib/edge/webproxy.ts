// Through which HTTP proxy, if any, does a request go? The rules of HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go programs
// follow them, so that we go the way helm and git go.
import { BlockList, isIP } from 'node:net'

type Env = Readonly<Record<string, string | undefined>>

/** The proxy for a URL; undefined for a direct connection. */
export function chooseProxy(url: URL, env: Env): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = (env[name] ?? env[name.toUpperCase()] ?? '').trim()
  if (proxy === '' || isExempt(url, env.no_proxy ?? env.NO_PROXY ?? '')) return undefined
  try {
    return new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
  } catch {
    return undefined
  }
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || /^127\./.test(host) || host === '::1') return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInNetwork(entry, host)
  const [, name = entry, onlyPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []
  if (isIP(entry)) return entry === host
  if (onlyPort !== undefined && onlyPort !== port) return false
  // ".example.com" stands for what is below it, "example.com" for itself too.
  const domain = name.replace(/^\*?\./, '')
  return host.endsWith(`.${domain}`) || (domain === name && host === name)
}

function isInNetwork(entry: string, host: string): boolean {
  const [address = '', bits = ''] = entry.split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0 || isIP(host) !== isIP(address)) return false
  const list = new BlockList()
  try {
    list.addSubnet(address, Number(bits), family)
  } catch {
    return false
  }
  return list.check(host, family)
}
