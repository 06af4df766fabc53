// Gives an Ingress the address a load balancer would.
import { publicAddress } from './service.ts'
import { writeStatus, type Controller } from './world.ts'

export const ingresses: Controller = {
  resource: 'ingresses.networking.k8s.io',
  reconcile(world, object) {
    if (object.metadata.deletionTimestamp !== undefined) return undefined
    const status = { loadBalancer: { ingress: [{ ip: publicAddress(object) }] } }
    writeStatus(world, 'ingresses.networking.k8s.io', object, status)
    return undefined
  },
}
