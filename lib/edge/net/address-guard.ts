// Holds every connection that fetches something to the address policy: literal addresses at once, names when they are resolved, so
// that nothing lies between the check and the connection.
import type { LookupAddress, LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { literalAddress, refusalOfAll, type AddressPolicy } from './address-policy.ts'

export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** What a connection must not go to. The message names the host and the reason. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

export type AddressGuard = {
  // Throws AddressRefused for the host of a URL that is a forbidden address.
  check(host: string): void
  // The same for names too; one that cannot be resolved is left to the connection. For programs that connect by themselves.
  checkName(host: string): Promise<void>
  // Resolves names for sockets; fails with AddressRefused where any of the addresses is forbidden.
  lookup: LookupFunction
}

/** A guard for this policy; resolve() is dns.lookup() of the machine. */
export function createAddressGuard(policy: AddressPolicy, resolve: Resolve): AddressGuard {
  const refuse = (host: string, why: string | undefined): AddressRefused | undefined =>
    why === undefined
      ? undefined
      : new AddressRefused(
          `"${host}" is not asked: ${why}; an administrator may open it with --allow-address`,
        )
  const refusalOf = (host: string): AddressRefused | undefined => {
    const address = literalAddress(host)
    return address === undefined ? undefined : refuse(host, policy.refusal(address))
  }
  const lookup: LookupFunction = (host, options, done) => {
    resolve(host, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
      const refused = error ?? refuse(host, refusalOfAll(policy, addresses))
      if (refused) return done(refused, [])
      const [first] = addresses
      if (options.all || first === undefined) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
  return {
    lookup,
    check: (host) => {
      const refused = refusalOf(host)
      if (refused) throw refused
    },
    checkName: async (host) => {
      const refused = refusalOf(host)
      if (refused) throw refused
      if (literalAddress(host) !== undefined) return
      await new Promise<void>((done, fail) => {
        lookup(host, { all: true }, (error) =>
          error instanceof AddressRefused ? fail(error) : done(),
        )
      })
    },
  }
}
