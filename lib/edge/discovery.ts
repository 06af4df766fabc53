// Which resource serves a kind. Asked of the server one group version at a time, so that a broken aggregated API
// hides nothing but itself; remembered, and asked again when a kind is missing.
import { ApiError } from '../model/errors.ts'
import type { Clock, ResourceType } from '../model/ports.ts'
import type { ApiClient } from './client.ts'

export type Discovery = {
  // Undefined when no resource serves the kind (yet); fresh asks the server in any case.
  resourceFor(
    apiVersion: string,
    kind: string,
    options?: { fresh?: boolean },
  ): Promise<ResourceType | undefined>
}

type Served = { at: number; kinds: ReadonlyMap<string, ResourceType> }
type ResourceList = { resources?: { name: string; kind: string; namespaced: boolean }[] }

// A custom kind is served a moment after its definition: ask soon again, but do not storm for a kind that never comes.
const missRenewalMs = 2_000
// Names come from manifests, which may hold any.
const maxGroupVersions = 500

export function createDiscovery({ client, clock }: { client: ApiClient; clock: Clock }): Discovery {
  const known = new Map<string, Served>()
  const pending = new Map<string, Promise<Served>>()
  const ask = (apiVersion: string): Promise<Served> => {
    const asked = pending.get(apiVersion)
    if (asked) return asked
    const answer = askServer(client, apiVersion)
      .then((kinds) => {
        const served = { at: clock.now(), kinds }
        known.delete(apiVersion)
        known.set(apiVersion, served)
        for (const oldest of known.keys())
          if (known.size > maxGroupVersions) known.delete(oldest)
          else break
        return served
      })
      .finally(() => pending.delete(apiVersion))
    pending.set(apiVersion, answer)
    return answer
  }
  return {
    resourceFor: async (apiVersion, kind, { fresh = false } = {}) => {
      const before = fresh ? undefined : known.get(apiVersion)
      const found = before?.kinds.get(kind)
      if (found) return found
      if (before && clock.now() - before.at < missRenewalMs) return undefined
      return (await ask(apiVersion)).kinds.get(kind)
    },
  }
}

async function askServer(
  client: ApiClient,
  apiVersion: string,
): Promise<ReadonlyMap<string, ResourceType>> {
  const [version = '', group = ''] = apiVersion.split('/').reverse()
  const path = [group === '' ? 'api' : 'apis', group, version].filter((part) => part !== '')
  const answer = await client
    .request({
      verb: 'get',
      path: `/${path.map(encodeURIComponent).join('/')}`,
      about: `the kinds of "${apiVersion}"`,
    })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return {}
      throw error
    })
  return new Map(
    ((answer as ResourceList).resources ?? [])
      // "deployments/status" and the like are parts of a resource.
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, kind, namespaced }) => [kind, { group, version, plural: name, namespaced }]),
  )
}
