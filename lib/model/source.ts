// Where a chart comes from, and what was fetched from there.
import type { Json } from './json.ts'

export type ChartSource =
  | {
      kind: 'repository'
      // http(s)://, oci:// or the scheme of a downloader plugin.
      url: string
      name: string
      // An exact version or a Masterminds constraint.
      version: string
      secretRef?: SecretRef
    }
  | {
      kind: 'git'
      url: string
      // Empty: the operator's default ref.
      ref: string
      path: string
      secretRef?: SecretRef
      updateDependencies: boolean
    }

export type SecretRef = { namespace: string; name: string }

/** A chart on this machine's disk, ready for helm. */
export type Artifact = {
  // What status.revision shows: the chart version, or the commit for git.
  revision: string
  // sha256 over everything helm will read: the same digest renders the same release.
  digest: string
  // The archive, or the chart's directory.
  path: string
  // The directory that valuesFrom.chartFileRef may read from; absent for archives.
  exportRoot?: string
  chart: StoredChart
  // Hook events the chart's templates mention; decides whether Helm itself must wait.
  hookEvents: readonly string[]
  // What helm fetches to validate values, one URL for each host; absent when it fetches nothing.
  schemaUrls?: readonly string[]
}

/** What a chart archive and a stored revision both know of a chart (of subcharts, Helm stores nothing). */
export type StoredChart = {
  name: string
  version: string
  appVersion: string
  values: Json
  // File name to content, base64, of the parent chart's templates/.
  templates: Readonly<Record<string, string>>
}
