// Lets helm fill in what a chart depends on. Helm reads Chart.yaml by Go's rules, where "Repository" is "repository" too, and a
// file:// URL may lead anywhere on this machine; so it is shown the dependencies that we have read and checked, and no others.
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChartContent } from '../../helm/chart.ts'

/** Calls update() while the chart's directory names exactly these dependencies; afterwards it is again what it was. */
export async function withKnownDependencies(
  chartPath: string,
  { chart, dependencies }: Pick<ChartContent, 'chart' | 'dependencies'>,
  update: () => Promise<void>,
): Promise<void> {
  const [metadata, requirements] = ['Chart.yaml', 'requirements.yaml'].map((name) =>
    join(chartPath, name),
  ) as [string, string]
  const original = await readFile(metadata)
  const hasRequirements = await isThere(requirements)
  // Not in charts/, nor by a name that a chart has: helm would read it.
  const aside = join(chartPath, '.requirements.yaml.aside')
  if (hasRequirements) await rename(requirements, aside)
  const { name, version } = chart
  const known = { apiVersion: 'v2', name, version, dependencies }
  await writeFile(metadata, JSON.stringify(known))
  // The lock belongs to other words for the same; helm makes a new one.
  await rm(join(chartPath, 'Chart.lock'), { force: true })
  await update()
  await writeFile(metadata, original)
  if (!hasRequirements) return
  await rename(aside, requirements)
  const lock = join(chartPath, 'Chart.lock')
  if (await isThere(lock)) await rename(lock, join(chartPath, 'requirements.lock'))
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
