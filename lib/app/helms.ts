// Which helm serves a HelmRelease? Helm 3 and Helm 4 share their storage, so the newest there is serves both.
import { ReconcileError } from '../model/errors.ts'
import type { HelmDriver } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'

/** The major versions of Helm to look for when these versions of spec.helmVersion are to be served. */
export function majorsOf(versions: readonly string[]): (3 | 4)[] {
  if (versions.includes('v3')) return [4, 3]
  return versions.includes('v4') ? [4] : []
}

/** The driver for one HelmRelease. Throws ReconcileError HelmVersionDisabled. */
export function chooseDriver(
  drivers: readonly HelmDriver[],
  versions: readonly string[],
  { helmVersion }: Pick<HelmRelease, 'helmVersion'>,
): HelmDriver {
  const wanted = wantedVersion(versions, helmVersion)
  const served = wanted === 'v4' ? drivers.filter(({ major }) => major === 4) : drivers
  const [newest] = served
  if (wanted === 'v2') throw new ReconcileError('HelmVersionDisabled', refuseTiller(helmVersion))
  if (drivers.length > 0 && newest === undefined)
    throw new ReconcileError(
      'HelmVersionDisabled',
      'Cannot use Helm "v4": the operator found only Helm 3; install Helm 4 beside it, or set spec.helmVersion to v3',
    )
  if (newest === undefined || !versions.includes(wanted))
    throw new ReconcileError(
      'HelmVersionDisabled',
      `Cannot use Helm "${wanted}": the operator serves ${versions.join(', ')}; change spec.helmVersion or --enabled-helm-versions`,
    )
  return newest
}

/**
 * The driver that uninstalls the release of a HelmRelease that is deleted. undefined for one of Helm 2: a release of that name
 * that Helm 3 has may be anybody's, and it stays.
 */
export function chooseUninstaller(
  [newest]: readonly HelmDriver[],
  versions: readonly string[],
  { helmVersion }: Pick<HelmRelease, 'helmVersion'>,
): HelmDriver | undefined {
  return wantedVersion(versions, helmVersion) === 'v2' ? undefined : newest
}

function wantedVersion(versions: readonly string[], named: string | undefined): string {
  return named ?? versions[0] ?? 'v3'
}

// Never v3 instead: with fluxcd/helm-operator, this HelmRelease had a release of Helm 2, which Helm 3 does not see and would
// install a second time.
function refuseTiller(named: string | undefined): string {
  const why = 'this operator does not speak to Tiller'
  return named === undefined
    ? `Cannot use Helm "v2", the first of --enabled-helm-versions: ${why}; set spec.helmVersion to v3 once there is no release of Helm 2`
    : `Cannot use Helm "v2": ${why}; convert the release to Helm 3, then set spec.helmVersion to v3`
}
