// Lets tests fetch from loopback, as an operator does that runs outside of a cluster.
import { lookup } from 'node:dns'
import { createAddressGuard } from '../../lib/edge/net/address-guard.ts'
import { createAddressPolicy } from '../../lib/edge/net/address-policy.ts'

/** The guard of an operator at home. */
export const homeGuard = createAddressGuard(
  createAddressPolicy({ allowed: [], isInCluster: false }),
  lookup,
)
