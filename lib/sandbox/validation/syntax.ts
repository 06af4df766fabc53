// Is a word what Kubernetes calls a label, a subdomain, a qualified name or a port name? If not: its reasons, word for word.
import { invalidValue, requiredValue } from '../causes.ts'
import type { Cause } from '../status.ts'

/** Why a text is not what it should be; nothing if it is. */
export type Check = (text: string) => string[]

const alphanumericEnds = 'must start and end with an alphanumeric character'
const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const oldLabelPattern = '[a-z]([-a-z0-9]*[a-z0-9])?'
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`
const namePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const valuePattern = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'
const keyPattern = '[-._a-zA-Z0-9]+'
const wildcardPattern = `\\*\\.${subdomainPattern}`

const labelRule = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${alphanumericEnds} (e.g. 'my-name',  or '123-abc', regex used for validation is '${labelPattern}')`
const subdomainRule = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ${alphanumericEnds} (e.g. 'example.com', regex used for validation is '${subdomainPattern}')`
const oldLabelRule = `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${oldLabelPattern}')`
const nameRule = `must consist of alphanumeric characters, '-', '_' or '.', and ${alphanumericEnds} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${namePattern}')`
const valueRule = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and ${alphanumericEnds} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${valuePattern}')`
const keyRule = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${keyPattern}')`
const wildcardRule = `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '${wildcardPattern}')`

function matching(pattern: string, rule: string, longest?: number): Check {
  const whole = new RegExp(`^${pattern}$`)
  return (text) => [
    ...(longest !== undefined && text.length > longest
      ? [`must be no more than ${longest} bytes`]
      : []),
    ...(whole.test(text) ? [] : [rule]),
  ]
}

export const isLabel: Check = matching(labelPattern, labelRule, 63)
export const isOldLabel: Check = matching(oldLabelPattern, oldLabelRule, 63)
export const isSubdomain: Check = matching(subdomainPattern, subdomainRule, 253)
export const isLabelValue: Check = matching(valuePattern, valueRule, 63)
export const isConfigKey: Check = matching(keyPattern, keyRule, 253)
export const isWildcard: Check = matching(wildcardPattern, wildcardRule, 253)

const isNamePart: Check = matching(namePattern, `name part ${nameRule}`)

/** A label's or annotation's key: a name, with a subdomain and a slash before it or not. */
export const isQualifiedName: Check = (text) => {
  const parts = text.split('/')
  if (parts.length > 2)
    return [
      `a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const name = parts.at(-1)!
  return [
    ...(parts.length === 1 ? [] : prefixProblems(parts[0]!)),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > 63 ? ['name part must be no more than 63 bytes'] : []),
    ...isNamePart(name),
  ]
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return isSubdomain(prefix).map((why) => `prefix part ${why}`)
}

/** A name that fits between two slashes of a path. */
export const isPathSegment: Check = (text) => {
  if (text === '.' || text === '..') return [`may not be '${text}'`]
  return ['/', '%'].filter((sign) => text.includes(sign)).map((sign) => `may not contain '${sign}'`)
}

/** A port's name, as IANA has them. */
export const isPortName: Check = (text) => {
  if (text.length > 15) return ['must be no more than 15 characters']
  return [
    ...(/^[-a-z0-9]+$/.test(text)
      ? []
      : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(text) ? [] : ['must contain at least one letter (a-z)']),
    ...(text.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(/^-|-$/.test(text) ? ['must not begin or end with a hyphen'] : []),
  ]
}

/** A word that must be there and must fit. */
function wordCauses(field: string, text: string, check: Check): Cause[] {
  if (text === '') return [requiredValue(field)]
  return check(text).map((why) => invalidValue(field, text, why))
}

/** A word that must fit if it is there. */
export function optionalWordCauses(field: string, text: string, check: Check): Cause[] {
  return text === '' ? [] : wordCauses(field, text, check)
}

/** Numbers that must not be below what is allowed. */
export function atLeast(field: string, value: unknown, least: number): Cause[] {
  if (typeof value !== 'number' || value >= least) return []
  return [invalidValue(field, value, `must be greater than or equal to ${least}`)]
}

export function portCauses(field: string, value: unknown): Cause[] {
  if (typeof value === 'string')
    return isPortName(value).map((why) => invalidValue(field, value, why))
  if (typeof value !== 'number' || (value >= 1 && value <= 65_535)) return []
  return [invalidValue(field, value, 'must be between 1 and 65535, inclusive')]
}

const percentRule =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"

/** A count or a share: 3 or "25%". */
export function countOrPercentCauses(field: string, value: unknown): Cause[] {
  if (typeof value === 'number') return atLeast(field, value, 0)
  if (typeof value !== 'string') return []
  if (!/^\d+%$/.test(value)) return [invalidValue(field, value, percentRule)]
  return Number.parseInt(value, 10) > 100
    ? [invalidValue(field, value, 'must not be greater than 100%')]
    : []
}
