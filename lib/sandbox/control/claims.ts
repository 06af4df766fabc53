// A claim that is deleted stays until the last pod that uses it is through.
import { protection } from '../protection.ts'
import type { Obj, ResourceDefinition } from '../types.ts'
import type { World } from '../world.ts'
import { dropFinalizer } from './finalizers.ts'
import { createWorklist } from './worklist.ts'

type Place = { definition: ResourceDefinition; namespace: string | undefined; name: string }

/** Lets deleted claims go, until the returned function is called. */
export function protectClaims(world: World): () => void {
  const claims = world.registry.resolve('persistentvolumeclaims')!
  const pods = world.registry.resolve('pods')!
  const list = createWorklist<Place>(world, (place) => {
    const claim = world.store.collection(claims).get(place.namespace, place.name)
    if (claim !== undefined && isLeaving(claim) && !isUsed(world, pods, claim))
      dropFinalizer(world, place, protection)
  })
  const look = (namespace: string | undefined, name: string): void => {
    const claim = world.store.collection(claims).get(namespace, name)
    if (claim !== undefined && isLeaving(claim))
      list.add(`${namespace}/${name}`, { definition: claims, namespace, name })
  }
  const unsubscribe = world.store.subscribe(({ definition, type, object }) => {
    const { namespace, name } = object.metadata
    if (definition === claims) look(namespace, name)
    else if (definition === pods && (type === 'DELETED' || !holds(object)))
      for (const claim of claimsOf(object)) look(namespace, claim)
  })
  return () => (unsubscribe(), list.stop())
}

function isLeaving({ metadata }: Obj): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata
  return deletionTimestamp !== undefined && finalizers.includes(protection)
}

function isUsed(world: World, pods: ResourceDefinition, { metadata }: Obj): boolean {
  const collection = world.store.collection(pods)
  return collection.keys(metadata.namespace).some((key) => {
    const pod = collection.at(key)!
    return holds(pod) && claimsOf(pod).includes(metadata.name)
  })
}

// Before it is placed, a pod cannot have mounted anything, and when it is over, it has no more need of it.
function holds({ spec, status }: Obj): boolean {
  const { phase } = (status ?? {}) as { phase?: string }
  const { nodeName } = (spec ?? {}) as { nodeName?: string }
  return Boolean(nodeName) && phase !== 'Succeeded' && phase !== 'Failed'
}

type Volume = { persistentVolumeClaim?: { claimName: string } }

function claimsOf({ spec }: Obj): string[] {
  const { volumes = [] } = (spec ?? {}) as { volumes?: Volume[] }
  return volumes.flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []))
}
