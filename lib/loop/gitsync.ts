// Somebody says that there is something new in git: which HelmReleases does that concern?
import { parseKey } from '../model/key.ts'
import type { Deps } from './deps.ts'
import type { WorkQueue } from './queue.ts'

/** Has every HelmRelease whose chart is in git looked at; answers with how many there are. */
export function wakeGitReleases(deps: Pick<Deps, 'cache' | 'codecs'>, queue: WorkQueue): number {
  const keys = deps.cache.keys().filter((key) => {
    const object = deps.cache.get(key)
    return object && deps.codecs.get(parseKey(key).group)?.decode(object).source.kind === 'git'
  })
  for (const key of keys) queue.add(key)
  return keys.length
}
