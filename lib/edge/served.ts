// Waiting for a kind whose CustomResourceDefinition is not there yet. Its appearance is watched where we may look at
// definitions, else asked for now and then.
import { ApiError } from '../model/errors.ts'
import type { Clock, Cluster, Log, ResourceType } from '../model/ports.ts'
import type { ApiClient } from './client.ts'
import type { Discovery } from './discovery.ts'
import { listAll } from './list.ts'
import { createNap } from './nap.ts'

export type ServedDeps = {
  client: ApiClient
  discovery: Discovery
  watch: Cluster['watch']
  clock: Clock
  log: Log
  // Called when it turns out that there is something to wait for.
  onUnserved?: () => void
}
export type Kind = { apiVersion: string; kind: string; plural: string }

const definitions: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
// One small request; installing definitions is nobody's hurry.
const pollMs = 30_000
// A definition is accepted a moment before it is served.
const eagerMs = 250
const eagerTries = 20

/** Resolves with the resource once the server serves it; rejects when aborted, and with ApiError when it cannot ask. */
export async function whenServed(
  { apiVersion, kind, plural }: Kind,
  deps: ServedDeps,
  signal: AbortSignal,
): Promise<ResourceType> {
  const ask = (): Promise<ResourceType | undefined> =>
    deps.discovery.resourceFor(apiVersion, kind, { fresh: true })
  const found = await ask()
  if (found) return found
  deps.log.info('API is not served, waiting for its definition', { apiVersion, kind })
  deps.onUnserved?.()
  const nap = createNap(deps.clock)
  const end = new AbortController()
  let eager = 0
  const watching = watchDefinition(
    `${plural}.${apiVersion.split('/')[0]}`,
    deps,
    end.signal,
    () => {
      eager = eagerTries
      nap.wake()
    },
  )
  try {
    for (;;) {
      await nap.sleep(eager-- > 0 ? eagerMs : pollMs, signal)
      const served = await ask()
      if (!served) continue
      deps.log.info('API is served', { apiVersion, kind })
      return served
    }
  } finally {
    end.abort()
    await watching
  }
}

async function watchDefinition(
  name: string,
  { client, watch }: ServedDeps,
  signal: AbortSignal,
  onChange: () => void,
): Promise<void> {
  const options = { fieldSelector: `metadata.name=${name}`, metadataOnly: true, signal }
  try {
    await listAll(client, definitions, options)
  } catch (error) {
    // Who may not look at definitions has only the kind itself to ask for.
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return
  }
  for await (const _ of watch(definitions, options)) onChange()
}
