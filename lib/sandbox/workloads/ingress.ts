// Gives an Ingress the address a load balancer would, unless somebody has given it one.
import { publicAddress } from './service.ts'
import { writeStatus, type Controller } from './world.ts'

export const ingresses: Controller = {
  resource: 'ingresses.networking.k8s.io',
  reconcile(world, object) {
    if (object.metadata.deletionTimestamp !== undefined) return undefined
    const { loadBalancer } = (object['status'] ?? {}) as { loadBalancer?: { ingress?: unknown[] } }
    if (loadBalancer?.ingress?.length) return undefined
    const status = { loadBalancer: { ingress: [{ ip: publicAddress(object) }] } }
    writeStatus(world, 'ingresses.networking.k8s.io', object, status)
    return undefined
  },
}
