// How does helm write the objects of a release: client-side, or by server-side apply?
import type { ApplyMethod, HelmRelease, History } from '../model/release.ts'

type Asked = Pick<HelmRelease, 'installMethod' | 'upgradeMethod'>

/** The method of an install or upgrade: as the spec asks, else as the newest revision was applied. */
export function applyMethodFor(asked: Asked, history: History): ApplyMethod {
  return askedMethod(asked, history) ?? history[0]?.applyMethod ?? 'client'
}

/**
 * What the spec asks for, if it does. Until a revision has succeeded it is all a first install, so that a chart that the API
 * server refuses to apply is installed once the spec asks for the other method.
 */
export function askedMethod(
  { installMethod, upgradeMethod }: Asked,
  history: History,
): ApplyMethod | undefined {
  if (!wasDeployed(history)) return installMethod
  return upgradeMethod === 'unchanged' ? undefined : upgradeMethod
}

/** Has any revision succeeded? */
export function wasDeployed(history: History): boolean {
  return history.some(({ status }) => status === 'deployed' || status === 'superseded')
}
