// The store as the sandbox's own controllers use it: synchronous, by the same rules as over HTTP.
import { inVersion } from './convert.ts'
import { deleteObject } from './remove.ts'
import { unserved } from './status.ts'
import type { ResourceDefinition, SandboxApi } from './types.ts'
import type { World } from './world.ts'
import { createObject, updateObject } from './write.ts'

// As which field manager the controllers write.
const manager = 'kube-controller-manager'

/** Direct access to the world; throws the same StatusErrors that clients get. */
export function createApi(world: World): SandboxApi {
  const resolved = (resource: string): ResourceDefinition => {
    const definition = world.registry.resolve(resource)
    if (definition === undefined) throw unserved()
    return definition
  }
  return {
    get(resource, namespace, name) {
      const definition = resolved(resource)
      const found = world.store.collection(definition).get(namespace, name)
      return found && inVersion(definition, found)
    },
    list(resource, namespace) {
      const definition = resolved(resource)
      const collection = world.store.collection(definition)
      return collection.keys(namespace).map((key) => inVersion(definition, collection.at(key)!))
    },
    create(resource, object) {
      const definition = resolved(resource)
      return createObject(world, { definition, namespace: object.metadata.namespace }, object, {
        manager,
      })
    },
    update(resource, object, subresource) {
      const { namespace, name } = object.metadata
      const target = { definition: resolved(resource), namespace, name }
      return updateObject(world, target, () => object, {
        manager,
        ...(subresource === undefined ? {} : { subresource }),
      })
    },
    delete(resource, namespace, name, options = {}) {
      const definition = resolved(resource)
      deleteObject(world, { definition, namespace, name }, options)
    },
    subscribe: (listener) => world.store.subscribe(listener),
  }
}
