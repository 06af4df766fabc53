// May this object come into this namespace, and may that one go?
import { forbidden, methodNotAllowed, notFound, qualified } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import type { World } from './world.ts'

/** Throws 404 for a namespace that does not exist and 403 for one that is going away. */
export function admitNamespace(
  world: World,
  definition: ResourceDefinition,
  namespace: string | undefined,
  name: string,
): void {
  if (!definition.namespaced) return
  const namespaces = world.registry.resolve('namespaces')
  if (namespaces === undefined || namespace === undefined) return
  const found = world.store.collection(namespaces).get(undefined, namespace)
  if (found === undefined) throw notFound(namespaces, namespace)
  if (found.metadata.deletionTimestamp === undefined) return
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  throw forbidden(definition, name, why, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ])
}

/** Throws 403 for a pod whose service account does not exist. */
export function admitPod(
  world: World,
  definition: ResourceDefinition,
  object: Obj,
  name: string,
): void {
  if (definition.group !== '' || definition.plural !== 'pods') return
  const accounts = world.registry.resolve('serviceaccounts')
  const { namespace } = object.metadata
  const { serviceAccountName = 'default' } = (object['spec'] ?? {}) as {
    serviceAccountName?: string
  }
  if (accounts === undefined) return
  if (world.store.collection(accounts).get(namespace, serviceAccountName) !== undefined) return
  const account = `${namespace}/${serviceAccountName}`
  const why = `error looking up service account ${account}: serviceaccount "${serviceAccountName}" not found`
  throw forbidden(definition, name, why)
}

/** Throws 405 for a custom kind whose definition is going away. */
export function admitKind({ registry, store }: World, definition: ResourceDefinition): void {
  const crds = registry.resolve('customresourcedefinitions.apiextensions.k8s.io')
  if (!definition.custom || crds === undefined) return
  const crd = store.collection(crds).get(undefined, qualified(definition))
  if (crd?.metadata.deletionTimestamp !== undefined) throw methodNotAllowed(definition, 'create')
}

const immortal = new Set(['default', 'kube-system', 'kube-public'])

/** Throws 403 for the namespaces that no cluster can do without. */
export function admitDeletion(definition: ResourceDefinition, name: string): void {
  if (definition.group === '' && definition.plural === 'namespaces' && immortal.has(name))
    throw forbidden(definition, name, 'this namespace may not be deleted')
}
