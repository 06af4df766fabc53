// Where a first-generation HelmRelease takes its values from, lowest precedence first.
import type { JsonObject } from '../../model/json.ts'
import type { ValuesReference } from '../../model/release.ts'
import { isMap } from '../../util/merge.ts'
import type { LegacySpec, LegacyValuesSource } from './schema.ts'

const defaultKey = 'values.yaml'

/**
 * All references in the order they are laid over each other; references that name nothing contribute nothing. Of one that is
 * written twice only the last counts: what is laid over a document by itself changes nothing.
 */
export function decodeValuesFrom(spec: LegacySpec, namespace: string): ValuesReference[] {
  const files = (spec.valueFileSecrets ?? []).map(({ name }): ValuesReference => {
    return { kind: 'Secret', namespace, name, key: defaultKey, optional: false }
  })
  const sources = (spec.valuesFrom ?? []).flatMap((source) => {
    const reference = decodeReference(source, namespace)
    return reference ? [reference] : []
  })
  return lastOfEach([...files, ...sources])
}

function lastOfEach(references: readonly ValuesReference[]): ValuesReference[] {
  const last = new Map<string, ValuesReference>()
  for (const reference of references) {
    const name = JSON.stringify(reference)
    last.delete(name)
    last.set(name, reference)
  }
  return [...last.values()]
}

/** The inline values as they are; anything but a map counts as empty. */
export function decodeInlineValues(values: unknown): JsonObject {
  return isMap(values) ? (values as JsonObject) : {}
}

// The first member that is set counts, in this order.
function decodeReference(
  source: LegacyValuesSource,
  namespace: string,
): ValuesReference | undefined {
  const { configMapKeyRef, secretKeyRef, externalSourceRef, chartFileRef } = source
  const keyRef = configMapKeyRef ?? secretKeyRef
  if (keyRef) {
    return {
      kind: configMapKeyRef ? 'ConfigMap' : 'Secret',
      namespace: keyRef.namespace || namespace,
      name: keyRef.name,
      key: keyRef.key || defaultKey,
      optional: keyRef.optional === true,
    }
  }
  if (externalSourceRef) {
    const { url, optional } = externalSourceRef
    return { kind: 'url', url, optional: optional === true }
  }
  if (chartFileRef) {
    const { path, optional } = chartFileRef
    return { kind: 'chartFile', path, optional: optional === true }
  }
  return undefined
}
