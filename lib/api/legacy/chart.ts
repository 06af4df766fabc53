// Which of its two chart sources a first-generation HelmRelease means.
import type { ChartSource } from '../../model/source.ts'
import type { LegacyChart } from './schema.ts'

type InvalidSource = { kind: 'invalid'; why: string }

/**
 * The chart source that spec.chart names: git when git and path are given, else a repository when repository, name and version
 * are. `namespace` is where secrets without a namespace are looked for.
 */
export function decodeChart(
  chart: LegacyChart | null | undefined,
  namespace: string,
): ChartSource | InvalidSource {
  if (!chart) return invalid('spec.chart is missing')
  const secretRef = chart.secretRef
    ? { namespace: chart.secretRef.namespace || namespace, name: chart.secretRef.name }
    : undefined
  if (chart.git && chart.path) {
    return {
      kind: 'git',
      url: chart.git,
      ref: chart.ref ?? '',
      path: chart.path,
      updateDependencies: chart.skipDepUpdate !== true,
      ...(secretRef && { secretRef }),
    }
  }
  if (chart.repository && chart.name && chart.version) {
    const pullSecret = chart.chartPullSecret
      ? { namespace, name: chart.chartPullSecret.name }
      : secretRef
    return {
      kind: 'repository',
      url: chart.repository,
      name: chart.name,
      version: chart.version,
      ...(pullSecret && { secretRef: pullSecret }),
    }
  }
  return invalid(whatIsMissing(chart))
}

/** What stands beside a chart from git and is of no use to it; undefined if nothing does. */
export function explainBothSources(chart: LegacyChart | null | undefined): string | undefined {
  if (!(chart?.git && chart.path)) return undefined
  if (chart.repository) return 'names a git repository and a Helm repository: git is used'
  const fields = (['name', 'version'] as const).filter((field) => chart[field])
  if (fields.length === 0) return undefined
  const named = fields.map((field) => `"${field}"`).join(' and ')
  return `has ${named} beside git, where ref and path tell which chart it is: not used`
}

// Somebody who filled in half of a source is told the other half, not the whole rule.
function whatIsMissing(chart: LegacyChart): string {
  if (chart.git) return 'spec.chart.git is given without spec.chart.path; the root is "."'
  const missing = (['repository', 'name', 'version'] as const).filter((field) => !chart[field])
  if (missing.length < 3) {
    const fields = missing.map((field) => `spec.chart.${field}`).join(' and ')
    return `a chart from a repository needs ${fields} too`
  }
  if (chart.path) return 'spec.chart.path is given without spec.chart.git'
  return 'spec.chart names no source: give git and path, or repository, name and version'
}

function invalid(why: string): InvalidSource {
  return { kind: 'invalid', why }
}
