// The operator at work: streams fill the queue, workers empty it, Helm's storage wakes what somebody else touched.
import type { KubeObject } from '../model/json.ts'
import type { ReleaseStream } from '../model/ports.ts'
import { parseKey } from '../model/key.ts'
import { referencesOf } from '../plan/references.ts'
import type { SharedDeps, SharedLoopDeps } from './deps.ts'
import type { WorkQueue } from './queue.ts'
import { Prerequisites } from './prerequisites.ts'
import { References } from './references.ts'
import { Rollouts } from './rollout.ts'
import { StorageWatches } from './storage-watches.ts'
import { queueEdits, watchReleases } from './watch.ts'
import { startWorkers } from './worker.ts'

export type Operation = {
  deps: SharedDeps
  queue: WorkQueue
  // One for each API group.
  streams: ReadonlyMap<string, ReleaseStream>
  // Where Helm's storage is watched as the operator itself; absent: everywhere.
  storageNamespace?: string
  passes: number
  // How long running helm may take to end once asked to stop, in milliseconds.
  shutdownMs: number
  signal: AbortSignal
}

// A bug that shows at once must not fill the log.
const watchAgainMs = 5_000

/** Works until aborted, then lets running passes end within the time they are given. */
export async function operate(operation: Operation): Promise<void> {
  const { deps, queue, signal } = operation
  const insist = new AbortController()
  const rollouts = new Rollouts({
    ...deps,
    wake: (key, afterMs) => (afterMs > 0 ? queue.addAfter(key, afterMs, 'first') : queue.add(key)),
  })
  const references = new References({ ...deps, wake: (key) => queue.add(key) })
  const prerequisites = new Prerequisites({
    ...{ clock: deps.clock, log: deps.log, cluster: deps.accessAs(undefined).cluster },
    wake: (key) => {
      deps.cache.asked.add(key)
      queue.forget(key)
      queue.add(key, 'asked')
    },
  })
  const storages = openStorageWatches(operation)
  const loop = { ...deps, rollouts, references, prerequisites }
  const worker = startWorkers(loop, { queue, passes: operation.passes, signal: insist.signal })
  queueEdits({
    ...{ cache: deps.cache, queue },
    onSeen: (key, object) => claim({ ...operation, deps: loop, storages }, key, object),
    onDeleting: worker.abort,
  })
  const watching = [
    ...[...operation.streams].map(([group, stream]) =>
      restartOnFault(operation, group, () =>
        watchReleases({
          group,
          stream,
          cache: deps.cache,
          onDeleted: (key, last) => {
            rollouts.forget(key)
            references.forget(key)
            prerequisites.forget(key)
            storages.forget(key)
            onDeleted(operation, key, last, worker.abort)
          },
          onFault: (key, error) =>
            deps.log.error('object not understood, ignored', {
              resource: key,
              error,
              stack: stackOf(error),
            }),
          signal,
        }),
      ),
    ),
  ]
  await untilAborted(signal)
  queue.close()
  rollouts.close()
  references.close()
  prerequisites.close()
  storages.close()
  deps.log.info('stopping: waiting for running work to end', { timeoutMs: operation.shutdownMs })
  const patience = new AbortController()
  await Promise.race([
    worker.ended,
    deps.clock.sleep(operation.shutdownMs, patience.signal).catch(() => undefined),
  ])
  patience.abort()
  insist.abort()
  await Promise.all([worker.ended, ...watching])
  deps.log.info('stopped')
}

// Streams mend themselves; what escapes from one is a bug, and must neither end the process nor leave it deaf.
async function restartOnFault(
  { deps, signal }: Operation,
  what: string,
  watch: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await watch()
    } catch (error) {
      if (signal.aborted) return
      deps.log.error('watch failed, started again', { what, error, stack: stackOf(error) })
      await deps.clock.sleep(watchAgainMs, signal).catch(() => undefined)
    }
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined
}

function openStorageWatches({ deps, queue }: Operation): StorageWatches {
  return new StorageWatches({
    ...deps,
    onChange: (namespace, releaseName, keys) => {
      for (const key of deps.claims.keysOf(`${namespace}/${releaseName}`))
        if (keys.has(key)) queue.add(key)
    },
  })
}

type Claiming = Operation & { deps: SharedLoopDeps; storages: StorageWatches }

function claim(
  { deps, storages, storageNamespace }: Claiming,
  key: string,
  object: KubeObject,
): void {
  const codec = deps.codecs.get(parseKey(key).group)
  if (codec === undefined) return
  const desired = codec.decode(object)
  const { identity, refusal, targetNamespace, releaseName, memory } = desired
  const conditions = codec.decodeConditions(object['status'])
  const isWaiting = memory.told?.isProgress === true
  deps.metrics.show(key, { targetNamespace, releaseName, conditions, isWaiting })
  deps.references.follow(key, referencesOf(desired), desired.identity)
  if (refusal?.of === 'release') {
    deps.claims.delete(key)
    return storages.forget(key)
  }
  deps.claims.set(key, `${targetNamespace}/${releaseName}`)
  const namespace = identity === undefined ? storageNamespace : targetNamespace
  storages.follow(key, { identity, ...(namespace === undefined ? {} : { namespace }) })
}

// With finalizers the release was uninstalled before the object went; without, the object's last words are all there is.
function onDeleted(
  { deps, queue }: Operation,
  key: string,
  last: KubeObject,
  abort: (key: string) => void,
): void {
  deps.claims.delete(key)
  deps.metrics.forget(key)
  deps.reservations.drop(key)
  queue.forget(key)
  if (deps.finalizers) {
    deps.secrets.forget(key)
    return queue.drop(key)
  }
  abort(key)
  deps.graves.set(key, last)
  queue.add(key)
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
