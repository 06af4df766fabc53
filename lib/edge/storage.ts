// Helm's storage, read and mended over the API: no helm process, and no revision read twice.
import { isReleaseName } from '../helm/name.ts'
import {
  allReleases,
  isLittleRecord,
  readRevision,
  revisionsOf,
  unreadable,
  weighRelease,
} from '../helm/storage.ts'
import { ApiError } from '../model/errors.ts'
import { formatIdentity, type Identity } from '../model/identity.ts'
import type { KubeObject } from '../model/json.ts'
import type { Clock, Cluster, ResourceType, Storage } from '../model/ports.ts'
import type { Release, Revision } from '../model/release.ts'
import { digestText } from '../util/digest.ts'
import { createLru, type Lru } from '../util/lru.ts'
import type { Call, Parser } from './parser/parser.ts'

const secrets: ResourceType = { group: '', version: 'v1', plural: 'secrets', namespaced: true }

// As weighRelease() counts them: a few hundred releases of ordinary size.
const cacheBytes = 64 * 1024 * 1024

// More than a few revisions do not go in the time of a few requests.
const maxAttempts = 5

// A storage that was put aside and is asked for again merely reads anew.
const maxIdentities = 10_000

/**
 * Helm's storage in the cluster's Secrets, as each identity sees it: nothing that one has read is handed to another. Throws
 * ApiError, or ReconcileError ReleaseUnreadable.
 */
export function createStorages(options: {
  cluster: Cluster
  clock: Clock
  parser: Parser
}): (identity: Identity) => Storage {
  const opened = createLru<Release>(cacheBytes)
  const storages = createLru<Storage>(maxIdentities)
  return (identity) => {
    const who = formatIdentity(identity)
    const cluster = options.cluster.as(identity)
    const storage = storages.get(who) ?? createStorage({ ...options, cluster, opened, who })
    storages.set(who, storage, 1)
    return storage
  }
}

type StorageOptions = {
  cluster: Cluster
  clock: Clock
  parser: Parser
  // Shared by all identities, so that their caches together stay within one limit.
  opened: Lru<Release>
  who: string
}

function createStorage({ cluster, clock, parser, opened, who }: StorageOptions): Storage {
  // What the last list said of each release, for as long as the watch would have told of any change.
  const listed = new Map<string, readonly Revision[]>()
  // Namespaces, or undefined for all of them.
  const watched = new Set<string | undefined>()
  let changes = 0
  const isWatched = (namespace: string): boolean => watched.has(namespace) || watched.has(undefined)
  const openedKey = (uid: string): string => `${who} ${uid}`

  const remember = async (secret: KubeObject): Promise<Release> => {
    const release = await parser.run('release', secret, reading(secret))
    opened.set(openedKey(release.secret.uid), release, weighRelease(release))
    return release
  }
  const recall = ({ secret }: Revision): Release | undefined => {
    const release = opened.get(openedKey(secret.uid))
    return release?.secret.resourceVersion === secret.resourceVersion ? release : undefined
  }
  const open = async (revision: Revision): Promise<Release | undefined> => {
    const known = recall(revision)
    if (known) return known
    const secret = await cluster.get(secrets, revision.secret.name, revision.namespace)
    return secret === undefined ? undefined : await remember(secret)
  }

  return {
    open,
    history: async (namespace, releaseName, { fresh = false } = {}) => {
      // A name that cannot be would be read as a selector of who knows what.
      if (!isReleaseName(releaseName)) return []
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const key = `${namespace}/${releaseName}`
        const known = fresh || attempt > 0 ? undefined : listed.get(key)
        const before = changes
        const revisions = known ?? (await listRevisions(cluster, namespace, releaseName))
        // What changed while the list was on its way may be missing in it, and is not told of again.
        if (isWatched(namespace) && changes === before) listed.set(key, revisions)
        const [newest, ...older] = revisions
        if (newest === undefined) return []
        const release = await open(newest)
        // Pruned or uninstalled since: what the list said is no longer true.
        if (release === undefined) continue
        return [release, ...older.map((revision) => recall(revision) ?? revision)]
      }
      throw new ApiError(
        409,
        'Conflict',
        `Cannot read release "${releaseName}" in namespace "${namespace}": its revisions vanish while they are read`,
      )
    },
    objectsOf: async ({ namespace, secret: { name } }) => {
      const secret = await cluster.get(secrets, name, namespace)
      return secret === undefined ? [] : await parser.run('releaseObjects', secret, reading(secret))
    },
    mark: async (revision, status, description) => {
      const { namespace, secret } = revision
      const current = await cluster.get(secrets, secret.name, namespace)
      // The patch itself is refused if somebody writes between these two lines.
      if (current === undefined || !isSame(current, revision)) throw changed(revision)
      const mark = { status, description, at: clock.now() }
      const body = await parser.run('releaseStatus', { secret: current, mark }, reading(current))
      const place = { name: secret.name, namespace }
      return await remember(await cluster.patch(secrets, place, { type: 'merge', body }))
    },
    watch: async (options) => {
      try {
        await watchRevisions(cluster, {
          ...options,
          onGone: (uid) => opened.delete(openedKey(uid)),
          onSynced: () => void watched.add(options.namespace),
          onChange: (namespace, releaseName) => {
            changes += 1
            listed.delete(`${namespace}/${releaseName}`)
            options.onChange(namespace, releaseName)
          },
        })
      } finally {
        watched.delete(options.namespace)
        for (const key of listed.keys())
          if (!isWatched(key.slice(0, key.indexOf('/')))) listed.delete(key)
      }
    },
  }
}

async function listRevisions(
  cluster: Cluster,
  namespace: string,
  releaseName: string,
): Promise<Revision[]> {
  const { items } = await cluster.list(secrets, {
    namespace,
    labelSelector: revisionsOf(releaseName),
    metadataOnly: true,
  })
  return items
    .flatMap((secret) => readRevision(secret) ?? [])
    .sort((a, b) => b.revision - a.revision)
}

function isSame({ metadata }: KubeObject, { secret }: Revision): boolean {
  return metadata.uid === secret.uid && metadata.resourceVersion === secret.resourceVersion
}

function changed({ name, namespace, revision }: Revision): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Cannot mark revision ${revision} of release "${name}" in namespace "${namespace}": somebody else has changed it; it is looked at again`,
  )
}

// Whoever may write Secrets may have written this one.
function reading(secret: KubeObject): Call {
  const { release } = (secret.data ?? {}) as { release?: unknown }
  const text = typeof release === 'string' ? release : ''
  return {
    isLittle: isLittleRecord(secret),
    identity: () => digestText(text),
    refuse: (why) => unreadable(secret, why),
  }
}

type WatchOptions = Parameters<Storage['watch']>[0] & {
  onSynced: () => void
  onGone: (uid: string) => void
}

async function watchRevisions(
  cluster: Cluster,
  { namespace, onChange, onGone, onSynced, signal }: WatchOptions,
): Promise<void> {
  const options = {
    labelSelector: allReleases,
    metadataOnly: true,
    untilForbidden: true,
    onSynced,
    signal,
    ...(namespace === undefined ? {} : { namespace }),
  }
  for await (const { type, object } of cluster.watch(secrets, options)) {
    const revision = readRevision(object)
    if (type === 'DELETED' && revision !== undefined) onGone(revision.secret.uid)
    if (revision !== undefined) onChange(revision.namespace, revision.name)
  }
}
