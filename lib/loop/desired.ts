// What a HelmRelease asks for, as of its newest known version, and what is remembered of it.
import type { KubeObject } from '../model/json.ts'
import { parseKey } from '../model/key.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Memory } from '../model/memory.ts'
import { isSameJson } from '../util/equal.ts'
import type { Deps } from './deps.ts'

type Known = Pick<Deps, 'cache' | 'codecs'>

/** The HelmRelease behind a key, or the given version of it; undefined when there is none. */
export function readDesired(
  { cache, codecs }: Known,
  key: string,
  object: KubeObject | undefined = cache.get(key),
): HelmRelease | undefined {
  const desired = object && codecs.get(parseKey(key).group)?.decode(object)
  return desired && { ...desired, memory: { ...desired.memory, ...cache.recall(key, desired.uid) } }
}

/** Keeps what was written down in a status and is missing in the API server's answer to it. */
export function rememberLost(
  { cache, codecs }: Known,
  key: string,
  { memory, answer }: { memory: Memory; answer: KubeObject },
): void {
  const kept = codecs.get(parseKey(key).group)?.decodeMemory(answer['status'])
  const isKept =
    kept?.history.length === memory.history.length &&
    isSameJson(kept.lastAttempt, memory.lastAttempt)
  const { history, lastAttempt, journal, installFailures, releaseNamespace } = memory
  cache.remember(
    key,
    answer.metadata.uid ?? '',
    isKept
      ? undefined
      : {
          history,
          ...(lastAttempt === undefined ? {} : { lastAttempt }),
          ...(journal === undefined ? {} : { journal }),
          ...(installFailures === undefined ? {} : { installFailures }),
          ...(releaseNamespace === undefined ? {} : { releaseNamespace }),
        },
  )
}
