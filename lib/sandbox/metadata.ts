// Is the metadata of an object well formed? Names, labels, annotations and finalizers, in the words of a real server.
import { invalidValue } from './causes.ts'
import type { Cause } from './status.ts'
import type { Obj } from './types.ts'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const alphanumeric = 'must start and end with an alphanumeric character'

type NameRule = { pattern: RegExp; longest: number; message: string }

const subdomain: NameRule = {
  pattern: new RegExp(String.raw`^${label}(\.${label})*$`),
  longest: 253,
  message: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and ${alphanumeric} (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`,
}
const dnsLabel: NameRule = {
  pattern: new RegExp(`^${label}$`),
  longest: 63,
  message: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and ${alphanumeric} (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
}
const oldLabel: NameRule = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  message: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
}
// RBAC names are path segments, so that "system:node" is one.
const segment: NameRule = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  longest: 253,
  message: `may not be '.' or '..' and may not contain '/' or '%'`,
}

function nameRule({ apiVersion, kind }: Obj): NameRule {
  if (apiVersion.startsWith('rbac.authorization.k8s.io/')) return segment
  if (apiVersion === 'v1' && kind === 'Namespace') return dnsLabel
  if (apiVersion === 'v1' && kind === 'Service') return oldLabel
  return subdomain
}

/** What is wrong with the metadata; `before` is the object that this one replaces. */
export function checkMetadata(object: Obj, before?: Obj): Cause[] {
  const { labels, annotations } = object.metadata
  return [
    ...(before === undefined ? checkName(object) : checkAddedFinalizers(object, before)),
    ...(object.metadata.finalizers ?? []).flatMap(checkFinalizer),
    ...checkOwners(object.metadata.ownerReferences ?? []),
    ...checkLabels(labels ?? {}),
    ...checkAnnotations(annotations ?? {}),
  ]
}

function checkName(object: Obj): Cause[] {
  const { name } = object.metadata
  const { pattern, longest, message } = nameRule(object)
  const wrong: string[] = []
  if (name.length > longest) wrong.push(`must be no more than ${longest} bytes`)
  if (!pattern.test(name)) wrong.push(message)
  return wrong.map((why) => bad('metadata.name', name, why))
}

function bad(field: string, value: string, why: string): Cause {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`
  return { field, reason: 'FieldValueInvalid', message }
}

function checkAddedFinalizers({ metadata }: Obj, before: Obj): Cause[] {
  if (before.metadata.deletionTimestamp === undefined) return []
  const added = (metadata.finalizers ?? []).filter(
    (finalizer) => !(before.metadata.finalizers ?? []).includes(finalizer),
  )
  if (added.length === 0) return []
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
  return [
    { field: 'metadata.finalizers', reason: 'FieldValueForbidden', message: `Forbidden: ${why}` },
  ]
}

const standardFinalizers = ['foregroundDeletion', 'orphan', 'kubernetes']

function checkFinalizer(finalizer: string, index: number): Cause[] {
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return []
  const why = 'name is neither a standard finalizer name nor is it fully qualified'
  return [bad(`metadata.finalizers[${index}]`, finalizer, why)]
}

type Owners = NonNullable<Obj['metadata']['ownerReferences']>

function checkOwners(owners: Owners): Cause[] {
  const causes = owners.flatMap((owner) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((field) => !owner[field])
      .map((field) => {
        const why = field === 'apiVersion' ? 'version must not be empty' : 'must not be empty'
        return bad(`metadata.ownerReferences.${field}`, '', why)
      }),
  )
  const [first, second] = owners.filter(({ controller }) => controller)
  if (first === undefined || second === undefined) return causes
  const who = `${first.kind}/${first.name} and ${second.kind}/${second.name}`
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${who}`
  return [...causes, invalidValue('metadata.ownerReferences', owners, why)]
}

const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const labelValueRule = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and ${alphanumeric} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`
const keyName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const keyRule = `name part must consist of alphanumeric characters, '-', '_' or '.', and ${alphanumeric} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`

function checkLabels(labels: Record<string, string>): Cause[] {
  return Object.entries(labels)
    .sort(byKey)
    .flatMap(([key, value]) => {
      const causes = checkKey('metadata.labels', key)
      const long = value.length > 63
      if (long) causes.push(bad('metadata.labels', value, 'must be no more than 63 bytes'))
      if (!labelValue.test(value)) causes.push(bad('metadata.labels', value, labelValueRule))
      return causes
    })
}

function byKey([left]: [string, string], [right]: [string, string]): number {
  return left < right ? -1 : 1
}

function checkKey(field: string, key: string): Cause[] {
  const slash = key.lastIndexOf('/')
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)]
  const causes: Cause[] = []
  if (prefix !== undefined && !subdomain.pattern.test(prefix))
    causes.push(bad(field, key, `prefix part ${subdomain.message}`))
  if (name.length > 63) causes.push(bad(field, key, 'name part must be no more than 63 bytes'))
  if (!keyName.test(name)) causes.push(bad(field, key, keyRule))
  return causes
}

const annotationsBytes = 256 * 1024

function checkAnnotations(annotations: Record<string, string>): Cause[] {
  const entries = Object.entries(annotations)
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  const causes = entries.flatMap(([key]) => checkKey('metadata.annotations', key.toLowerCase()))
  if (size > annotationsBytes)
    causes.push({
      field: 'metadata.annotations',
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${annotationsBytes} bytes`,
    })
  return causes
}
