// Documents of values in ConfigMaps and Secrets.
import { Buffer } from 'node:buffer'
import type { Cluster, ResourceType } from '../../model/ports.ts'
import type { ValuesReference } from '../../model/release.ts'
import { didYouMean } from '../../util/nearest.ts'
import { objectVersion } from '../../util/version.ts'
import { missing, type Found } from './found.ts'

export type ObjectReference = Extract<ValuesReference, { kind: 'ConfigMap' | 'Secret' }>

const core = { group: '', version: 'v1', namespaced: true }
const types: Record<ObjectReference['kind'], ResourceType> = {
  ConfigMap: { ...core, plural: 'configmaps' },
  Secret: { ...core, plural: 'secrets' },
}

/** The document under a key of an object's data. Throws ApiError when the server does not say whether there is one. */
export async function readObject(
  cluster: Pick<Cluster, 'get'>,
  reference: ObjectReference,
): Promise<Found> {
  const { kind, namespace, name, key } = reference
  const object = await cluster.get(types[kind], name, namespace)
  const what = `${kind} "${name}" in namespace "${namespace}"`
  if (object === undefined) return missing(`${what} does not exist`)
  const data = (object.data ?? {}) as Record<string, string>
  const version = objectVersion(object)
  if (!Object.hasOwn(data, key)) {
    // Who may not read a Secret must not learn from us what is in it, its keys included.
    const near = kind === 'Secret' ? '' : didYouMean(key, Object.keys(data))
    return missing(`${what} has no key "${key}" in its data${near}`, { version })
  }
  const text = data[key] ?? ''
  return { version, bytes: Buffer.from(text, kind === 'Secret' ? 'base64' : 'utf8') }
}
