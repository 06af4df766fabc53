// How long passes and actions take: the three histograms of fluxcd/helm-operator, two of them deprecated there.
import { Histogram, type Registry } from 'prom-client'
import type { TimedAction, UninstallTarget } from '../../model/ports.ts'

type End = { ok: boolean; tookMs: number }
type Series = { histogram: Histogram; labels: Record<string, string> }
type Kept = { series: Map<string, Series>; goneAt?: number }

export type Durations = {
  time(action: TimedAction, release: UninstallTarget, end: End): void
  // Somebody manages this release.
  keep(release: UninstallTarget): void
  // Nobody does any more: its series go, after a while.
  leave(release: UninstallTarget): void
  // To be called before series are read.
  sweep(): void
}

const buckets = [1, 5, 10, 30, 60, 120, 180, 300, 600, 1_800]
// A scraper that comes every minute or two sees how the uninstall went.
const afterlifeMs = 600_000

/** With byRelease off, all releases share series whose names are empty. */
export function createDurations(
  registry: Registry,
  { now, byRelease }: { now: () => number; byRelease: boolean },
): Durations {
  const { action, phase, whole } = createHistograms(registry)
  const kept = new Map<string, Kept>()
  const of = (release: UninstallTarget): Kept => {
    const id = idOf(release)
    // What nobody has shown us yet is on its way out, or in.
    const found = kept.get(id) ?? { series: new Map<string, Series>(), goneAt: now() }
    kept.set(id, found)
    return found
  }
  const record = (release: UninstallTarget, { histogram, labels }: Series, ms: number): void => {
    histogram.observe(labels, ms / 1_000)
    const id = [histogram === whole, histogram === phase, labels['action'], labels['success']]
    if (byRelease) of(release).series.set(id.join(), { histogram, labels })
  }
  return {
    time: (timed, release, { ok, tookMs }) => {
      const success = String(ok)
      const name = byRelease ? release.releaseName : ''
      const namespace = byRelease ? release.targetNamespace : ''
      const old = { success, namespace, release_name: name }
      const labels = { action: timed, success, target_namespace: namespace, release_name: name }
      record(release, { histogram: action, labels }, tookMs)
      if (timed === 'sync') record(release, { histogram: whole, labels: old }, tookMs)
      else record(release, { histogram: phase, labels: { ...old, action: timed } }, tookMs)
    },
    keep: (release) => void delete of(release).goneAt,
    leave: (release) => void (of(release).goneAt = now()),
    sweep: () => {
      for (const [id, { series, goneAt }] of kept) {
        if (goneAt === undefined || now() - goneAt < afterlifeMs) continue
        for (const { histogram, labels } of series.values()) histogram.remove(labels)
        kept.delete(id)
      }
    },
  }
}

function createHistograms(registry: Registry): Record<'action' | 'phase' | 'whole', Histogram> {
  const registers = [registry]
  return {
    action: new Histogram({
      name: 'flux_helm_operator_release_action_duration_seconds',
      help: 'Duration of an action on a release, or of a whole sync.',
      labelNames: ['action', 'success', 'target_namespace', 'release_name'],
      buckets,
      registers,
    }),
    phase: new Histogram({
      name: 'flux_helm_operator_release_phase_duration_seconds',
      help: 'Deprecated: flux_helm_operator_release_action_duration_seconds without syncs.',
      labelNames: ['action', 'success', 'namespace', 'release_name'],
      buckets,
      registers,
    }),
    whole: new Histogram({
      name: 'flux_helm_operator_release_duration_seconds',
      help: 'Deprecated: flux_helm_operator_release_action_duration_seconds of syncs.',
      labelNames: ['success', 'namespace', 'release_name'],
      buckets,
      registers,
    }),
  }
}

function idOf({ targetNamespace, releaseName }: UninstallTarget): string {
  return `${targetNamespace}/${releaseName}`
}
