// How does helm write the objects of a release: client-side, or by server-side apply?
import type { ApplyMethod, HelmRelease, History } from '../model/release.ts'

/**
 * As the spec says until a revision has succeeded, then always as the newest revision was applied. So a chart that the API server
 * refuses to apply is installed once the spec asks for the other way.
 */
export function applyMethodFor(
  { installMethod }: Pick<HelmRelease, 'installMethod'>,
  history: History,
): ApplyMethod {
  if (!wasDeployed(history)) return installMethod
  return history[0]?.applyMethod ?? 'client'
}

/** Has any revision succeeded? */
export function wasDeployed(history: History): boolean {
  return history.some(({ status }) => status === 'deployed' || status === 'superseded')
}
