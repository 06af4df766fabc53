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

type PodSpec = {
  serviceAccountName?: string
  priorityClassName?: string
  priority?: number
  runtimeClassName?: string
}

/** The pod with the priority of its class; throws 403 for classes and service accounts that do not exist. */
export function admitPod(
  world: World,
  definition: ResourceDefinition,
  { sent, object }: { sent: Obj; object: Obj },
  name: string,
): Obj {
  if (definition.group !== '' || definition.plural !== 'pods') return object
  const refuse = (why: string): Error => forbidden(definition, name, why)
  const spec = (object['spec'] ?? {}) as PodSpec
  const { namespace } = object.metadata
  const given = ((sent['spec'] ?? {}) as PodSpec).priority
  const ranked = withPriority(world, spec, given, refuse)
  const { serviceAccountName = 'default', runtimeClassName } = spec
  if (find(world, 'serviceaccounts', namespace, serviceAccountName) === undefined) {
    const account = `${namespace}/${serviceAccountName}`
    throw refuse(
      `error looking up service account ${account}: serviceaccount "${serviceAccountName}" not found`,
    )
  }
  const runtimes = 'runtimeclasses.node.k8s.io'
  if (runtimeClassName && find(world, runtimes, undefined, runtimeClassName) === undefined)
    throw refuse(`pod rejected: RuntimeClass "${runtimeClassName}" not found`)
  return ranked === spec ? object : { ...object, spec: ranked }
}

function find(
  { registry, store }: World,
  resource: string,
  namespace: string | undefined,
  name: string,
): Obj | undefined {
  const definition = registry.resolve(resource)
  return definition && store.collection(definition).get(namespace, name)
}

function withPriority(
  world: World,
  spec: PodSpec,
  given: number | undefined,
  refuse: (why: string) => Error,
): PodSpec {
  const { priorityClassName } = spec
  const found = priorityClassName
    ? find(world, 'priorityclasses.scheduling.k8s.io', undefined, priorityClassName)
    : undefined
  if (priorityClassName && found === undefined)
    throw refuse(`no PriorityClass with name ${priorityClassName} was found`)
  const value = (found?.['value'] as number | undefined) ?? 0
  if (given !== undefined && given !== value)
    throw refuse(
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  if (found === undefined) return spec
  return { ...spec, priority: value, ...{ preemptionPolicy: found['preemptionPolicy'] } }
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
