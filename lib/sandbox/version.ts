// Which Kubernetes is this? The one whose types kinds/ has, in every place where a cluster says so.

/** As images and kubelets are tagged. */
export const kubernetesVersion = 'v1.36.2'

/** What /version answers. */
export const serverVersion = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: `${kubernetesVersion}+sandbox`,
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-06-09T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'sandbox',
}
