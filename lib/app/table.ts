// Shows how HelmReleases are doing, as a table for people who watch.
import type { KubeObject } from '../model/json.ts'

type Shown = {
  name: string
  release: string
  ready: string
  phase: string
  message: string
}

const titles: Shown = {
  name: 'NAME',
  release: 'RELEASE',
  ready: 'READY',
  phase: 'PHASE',
  message: 'MESSAGE',
}

/** Lines of the table, cut to a width in columns. */
export function renderTable(releases: readonly KubeObject[], width: number): string[] {
  const rows = [titles, ...releases.map(show)]
  const columns = (Object.keys(titles) as (keyof Shown)[]).map((column) => ({
    column,
    width: Math.max(...rows.map((row) => row[column].length)),
  }))
  return rows.map((row) =>
    columns
      .map(({ column, width }) => row[column].padEnd(width))
      .join('   ')
      .trimEnd()
      .slice(0, width),
  )
}

/** Has the operator come to a verdict about the newest spec? */
export function isSettled(release: KubeObject): boolean {
  const { observedGeneration = 0 } = statusOf(release)
  const ready = readyOf(release)
  return (
    observedGeneration >= (release.metadata.generation ?? 1) &&
    (ready?.status === 'True' || ready?.status === 'False')
  )
}

export function isReady(release: KubeObject): boolean {
  return readyOf(release)?.status === 'True'
}

type WireStatus = {
  observedGeneration?: number
  phase?: string
  releaseName?: string
  conditions?: { type: string; status: string; message?: string }[]
}

function show(release: KubeObject): Shown {
  const { phase = '', releaseName = '' } = statusOf(release)
  const ready = readyOf(release)
  return {
    name: release.metadata.name,
    release: releaseName,
    ready: ready?.status ?? '',
    phase,
    message: (ready?.message ?? '').replaceAll('\n', ' '),
  }
}

function statusOf(release: KubeObject): WireStatus {
  return (release.status ?? {}) as WireStatus
}

function readyOf(release: KubeObject): { status: string; message?: string } | undefined {
  return statusOf(release).conditions?.find(({ type }) => type === 'Ready')
}
