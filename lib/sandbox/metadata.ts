// Is the metadata of an object well formed? Names, labels, annotations and finalizers, in the words of a real server.
import { invalidValue } from './causes.ts'
import type { Cause } from './status.ts'
import type { Obj } from './types.ts'
import {
  isLabel,
  isLabelValue,
  isOldLabel,
  isPathSegment,
  isQualifiedName,
  isSubdomain,
  type Check,
} from './validation/syntax.ts'

/** What is wrong with the metadata; `before` is the object that this one replaces. */
export function checkMetadata(object: Obj, before?: Obj): Cause[] {
  const { labels, annotations, finalizers = [] } = object.metadata
  return [
    ...(before === undefined ? checkName(object) : checkAddedFinalizers(object, before)),
    ...checkLabels(labels ?? {}),
    ...checkAnnotations(annotations ?? {}),
    ...checkOwners(object.metadata.ownerReferences ?? []),
    ...finalizers.flatMap((one) => checkKey('metadata.finalizers', one)),
    ...finalizers.flatMap(checkFinalizer),
  ]
}

function checkName({ apiVersion, kind, metadata: { name } }: Obj): Cause[] {
  return nameRule(apiVersion, kind)(name).map((why) => invalidValue('metadata.name', name, why))
}

function nameRule(apiVersion: string, kind: string): Check {
  // So that "system:node" is one.
  if (apiVersion.startsWith('rbac.authorization.k8s.io/')) return isPathSegment
  if (apiVersion === 'v1' && kind === 'Namespace') return isLabel
  if (apiVersion === 'v1' && kind === 'Service') return isOldLabel
  return isSubdomain
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
  return [invalidValue(`metadata.finalizers[${index}]`, finalizer, why)]
}

type Owners = NonNullable<Obj['metadata']['ownerReferences']>

function checkOwners(owners: Owners): Cause[] {
  const causes = owners.flatMap((owner) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((field) => !owner[field])
      .map((field) => {
        const why = field === 'apiVersion' ? 'version must not be empty' : 'must not be empty'
        return invalidValue(`metadata.ownerReferences.${field}`, '', why)
      }),
  )
  const [first, second] = owners.filter(({ controller }) => controller)
  if (first === undefined || second === undefined) return causes
  const who = `${first.kind}/${first.name} and ${second.kind}/${second.name}`
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${who}`
  return [...causes, invalidValue('metadata.ownerReferences', owners, why)]
}

function checkLabels(labels: Record<string, string>): Cause[] {
  return Object.entries(labels)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([key, value]) => [
      ...checkKey('metadata.labels', key),
      ...isLabelValue(value).map((why) => invalidValue('metadata.labels', value, why)),
    ])
}

function checkKey(field: string, key: string, spelled = key): Cause[] {
  return isQualifiedName(key).map((why) => invalidValue(field, spelled, why))
}

const annotationsBytes = 256 * 1024

function checkAnnotations(annotations: Record<string, string>): Cause[] {
  const entries = Object.entries(annotations)
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  // Their keys may be written in capitals too.
  const causes = entries.flatMap(([key]) =>
    checkKey('metadata.annotations', key.toLowerCase(), key),
  )
  if (size > annotationsBytes)
    causes.push({
      field: 'metadata.annotations',
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${annotationsBytes} bytes`,
    })
  return causes
}
