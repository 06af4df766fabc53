// Is a string of the format that its schema names? Unknown formats are not checked, as in the API server.

const date = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const time = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/i
const octet = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const ipv4 = new RegExp(`^(${octet}\\.){3}${octet}$`)
const label = '[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?'
const base64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const patterns: Record<string, RegExp> = {
  date,
  duration: /^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w))+$|^0$|^\d+ \w+$/,
  uri: /^([a-z][a-z0-9+.-]*:|\/)\S*$/i,
  email: /^[^@\s]+@[^@\s]+$/,
  hostname: new RegExp(`^(?=.{1,255}$)${label}(\\.${label})*\\.?$`),
  ipv4,
  uuid: /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i,
  mac: /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i,
  byte: base64,
}

/** Does the text fit the format? */
export function fitsFormat(format: string, text: string): boolean {
  switch (format) {
    case 'date-time':
    case 'datetime':
      return (
        date.test(text.slice(0, 10)) && /^[Tt ]$/.test(text[10] ?? '') && time.test(text.slice(11))
      )
    case 'ipv6':
      return isIpv6(text)
    case 'cidr':
      return isCidr(text)
    default:
      return patterns[format]?.test(text) ?? true
  }
}

export function isIp(text: string): boolean {
  return ipv4.test(text) || isIpv6(text)
}

export function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return false
  return ipv4.test(address) ? Number(length) <= 32 : isIpv6(address) && Number(length) <= 128
}

function isIpv6(text: string): boolean {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return false
  const [head = '', tail, ...rest] = text.split('::')
  if (rest.length > 0) return false
  const groups = [...head.split(':'), ...(tail ?? '').split(':')].filter((group) => group !== '')
  const last = groups.at(-1)
  const embedded = last !== undefined && last.includes('.')
  if (embedded && !ipv4.test(last)) return false
  const words = embedded ? groups.slice(0, -1) : groups
  const count = words.length + (embedded ? 2 : 0)
  return (
    words.every((word) => /^[0-9a-f]{1,4}$/i.test(word)) &&
    (tail === undefined ? count === 8 : count < 8)
  )
}
