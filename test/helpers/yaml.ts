// HelmReleases as people write them.
import { stringify } from 'yaml'

type Spec = { [field: string]: unknown }

/** A helm.fluxcd.io/v1 HelmRelease in namespace default, as YAML. */
export function helmReleaseYaml(
  name: string,
  spec: Spec,
  over: { apiVersion?: string; metadata?: object } = {},
): string {
  const { apiVersion = 'helm.fluxcd.io/v1', metadata } = over
  return `---\n${stringify({
    apiVersion,
    kind: 'HelmRelease',
    metadata: { name, namespace: 'default', ...metadata },
    spec,
  })}`
}

/** A Secret in namespace default, as YAML. */
export function secretYaml(name: string, data: Readonly<Record<string, string>>): string {
  const metadata = { name, namespace: 'default' }
  return `---\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: data })}`
}
