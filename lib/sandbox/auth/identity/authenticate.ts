// Who sends this? The bearer token of a request, turned into a user.
import { StatusError } from '../../types.ts'
import type { World } from '../../world.ts'
import { holderOf, issuer, type Holder } from './account-token.ts'
import { administrator, type User } from './user.ts'

/** Whose token this is, for one of the audiences; else what is wrong with it, where that can be said. */
export function identify(world: World, token: string, audiences: readonly string[]): Holder {
  if (token === world.credentials.adminToken)
    return { user: administrator, audiences: audiences.filter((one) => one === issuer) }
  const claims = world.credentials.signer.verify(token)
  const nobody = 'invalid bearer token'
  if (claims === undefined) return { error: nobody }
  const holder = holderOf(world, claims, token, audiences)
  return 'error' in holder ? { error: `[${nobody}, ${holder.error}]` } : holder
}

/** The sender of a request; `unnamed` is who sends no token. Throws StatusError 401. */
export function authenticate(world: World, { headers }: Request, unnamed: User): User {
  const header = headers.get('authorization')
  const token = header === null ? undefined : /^bearer +(\S+) *$/i.exec(header)?.[1]
  // Other schemes than Bearer are nobody's here: their senders have said nothing.
  if (token === undefined) return unnamed
  const holder = identify(world, token, [issuer])
  if ('error' in holder) throw unauthorized()
  return holder.user
}

function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}
