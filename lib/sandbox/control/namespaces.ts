// What a namespace has from its first moment, and how one goes: its contents first, then the namespace.
import { deleteObject } from '../remove.ts'
import { qualified } from '../status.ts'
import type { ChangeEvent, Obj, ResourceDefinition } from '../types.ts'
import { withMeta, type World } from '../world.ts'
import { createObject } from '../write.ts'
import { createWorklist } from './worklist.ts'

const manager = 'kube-controller-manager'

/** Fills new namespaces and empties terminating ones, until the returned function is called. */
export function controlNamespaces(world: World): () => void {
  const definition = world.registry.resolve('namespaces')!
  const list = createWorklist<string>(world, (name) => empty(world, definition, name))
  const unsubscribe = world.store.subscribe((event) => {
    const { metadata } = event.object
    if (event.definition === definition) {
      if (event.type === 'ADDED') fill(world, metadata.name)
      if (event.type === 'MODIFIED' && metadata.deletionTimestamp)
        list.add(metadata.name, metadata.name)
    } else if (event.type === 'DELETED' && metadata.namespace !== undefined)
      deletedInside(world, definition, event, (name) => list.add(name, name))
  })
  return () => (unsubscribe(), list.stop())
}

function deletedInside(
  world: World,
  definition: ResourceDefinition,
  { object }: ChangeEvent,
  again: (name: string) => void,
): void {
  const name = object.metadata.namespace!
  const namespace = world.store.collection(definition).get(undefined, name)
  if (namespace?.metadata.deletionTimestamp !== undefined) again(name)
  else if (namespace !== undefined && isGiven(object)) fill(world, name)
}

function given(namespace: string, certificate: string): [resource: string, object: Obj][] {
  return [
    [
      'serviceaccounts',
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } },
    ],
    [
      'configmaps',
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: 'kube-root-ca.crt',
          namespace,
          annotations: {
            'kubernetes.io/description':
              'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
          },
        },
        data: { 'ca.crt': certificate },
      },
    ],
  ]
}

function isGiven({ kind, metadata }: Obj): boolean {
  return given('', '').some(([, one]) => one.kind === kind && one.metadata.name === metadata.name)
}

function fill(world: World, namespace: string): void {
  for (const [resource, object] of given(namespace, world.credentials.authority.certificate)) {
    const definition = world.registry.resolve(resource)
    if (definition === undefined) continue
    if (world.store.collection(definition).get(namespace, object.metadata.name) === undefined)
      createObject(world, { definition, namespace }, object, { manager })
  }
}

// Deletes what is inside; goes itself when nothing is left. Whatever waits for its finalizers calls again by going.
function empty(world: World, definition: ResourceDefinition, name: string): void {
  const namespace = world.store.collection(definition).get(undefined, name)
  if (namespace?.metadata.deletionTimestamp === undefined) return
  const left = contents(world).filter((inside) => !deleteAll(world, inside, name))
  if (left.length > 0) return report(world, definition, namespace, left)
  const spec = { ...(namespace['spec'] as object), finalizers: [] }
  const done = { ...namespace, spec }
  if ((namespace.metadata.finalizers ?? []).length > 0) world.store.put(definition, done)
  else world.store.remove(definition, done)
}

// Each resource once, in whichever version; of those without namespaces nothing is inside of one.
function contents(world: World): ResourceDefinition[] {
  return [...new Map(world.registry.all().map((one) => [qualified(one), one])).values()]
}

// Answers whether nothing of this kind is left.
function deleteAll(world: World, definition: ResourceDefinition, namespace: string): boolean {
  const collection = world.store.collection(definition)
  for (const key of collection.keys(namespace)) {
    const { metadata } = collection.at(key)!
    if (metadata.deletionTimestamp === undefined)
      deleteObject(
        world,
        { definition, namespace, name: metadata.name },
        { propagationPolicy: 'Background' },
      )
  }
  return collection.keys(namespace).length === 0
}

// Says why the namespace is still there, once for each different reason.
function report(
  world: World,
  definition: ResourceDefinition,
  namespace: Obj,
  left: readonly ResourceDefinition[],
): void {
  const counts = left.map((one) => {
    const { length } = world.store.collection(one).keys(namespace.metadata.name)
    return `${qualified(one)}. has ${length} resource instances`
  })
  const message = `Some resources are remaining: ${counts.join(', ')}`
  const status = namespace['status'] as { conditions?: { message: string }[] }
  if (status.conditions?.some((condition) => condition.message === message)) return
  const condition = {
    type: 'NamespaceContentRemaining',
    status: 'True',
    reason: 'SomeResourcesRemain',
    message,
    lastTransitionTime: new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  world.store.put(
    definition,
    withMeta({ ...namespace, status: { ...status, conditions: [condition] } }, {}),
  )
}
