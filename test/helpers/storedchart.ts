// Charts as files, and as helm 3.17 and 4.1 left them in the Secrets of a real cluster after an install and an upgrade.
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { readChart, type ChartFile } from '../../lib/helm/chart.ts'
import { isIgnored, parseIgnore } from '../../lib/helm/ignore.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import type { StoredChart } from '../../lib/model/source.ts'

export type Files = Record<string, string>
type Stored = {
  metadata: { name: string; version: string; appVersion: string }
  values: JsonObject
  templates: Record<string, string>
}
type Fixture = Record<string, { files: Files; stored: Record<'helm3' | 'helm4', Stored> }>

export const storedCharts = JSON.parse(
  await readFile(new URL('../fixtures/charts/stored.json', import.meta.url), 'utf8'),
) as Fixture

/** The files that Helm takes into the chart. */
export function chartFilesOf(files: Files): ChartFile[] {
  const rules = parseIgnore(files['.helmignore'] ?? '')
  return Object.entries(files)
    .filter(([path]) => !isIgnored(path, rules))
    .map(([path, text]) => ({ path, content: Buffer.from(text) }))
}

/** The chart that these files make. */
export function fetchedChart(files: Files): StoredChart {
  return readChart(chartFilesOf(files), '"x"').chart
}

/** The chart as it was read back from Helm's storage. */
export function storedChart({ metadata, values, templates }: Stored): StoredChart {
  return { ...metadata, values, templates }
}
