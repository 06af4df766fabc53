// What the statuses of all HelmReleases say, as gauges. They are filled when they are read, from what is known then:
// what is gone leaves nothing behind.
import { Gauge, type Registry } from 'prom-client'
import type { ShownRelease, UninstallTarget } from '../../model/ports.ts'

export type KnownReleases = {
  // Answers with the release that nobody manages any more because of this, if there is one.
  show(key: string, release: ShownRelease): UninstallTarget | undefined
  forget(key: string): UninstallTarget | undefined
}

// The figures that fluxcd/helm-operator meant to show; what it showed was that of the last condition for all of them.
const figures: Record<ShownRelease['conditions'][number]['status'], number> = {
  False: -1,
  Unknown: 0,
  True: 1,
}

export function createKnownReleases(registry: Registry): KnownReleases {
  const known = new Map<string, ShownRelease>()
  const abandoned = (before: ShownRelease | undefined): UninstallTarget | undefined => {
    if (before === undefined) return undefined
    const { targetNamespace, releaseName } = before
    const isManaged = [...known.values()].some(
      (one) => one.releaseName === releaseName && one.targetNamespace === targetNamespace,
    )
    return isManaged ? undefined : { targetNamespace, releaseName }
  }
  registerCounts(registry, known)
  registerConditions(registry, known)
  return {
    show: (key, { targetNamespace, releaseName, conditions, isWaiting }) => {
      const before = known.get(key)
      known.set(key, { targetNamespace, releaseName, conditions, isWaiting })
      const isSame =
        before?.targetNamespace === targetNamespace && before.releaseName === releaseName
      return isSame ? undefined : abandoned(before)
    },
    forget: (key) => {
      const before = known.get(key)
      known.delete(key)
      return abandoned(before)
    },
  }
}

function registerCounts(registry: Registry, known: ReadonlyMap<string, ShownRelease>): void {
  const registers = [registry]
  new Gauge({
    name: 'flux_helm_operator_release_count',
    help: 'Number of HelmReleases.',
    registers,
    collect() {
      this.set(known.size)
    },
  })
  new Gauge({
    name: 'helm_operator_releases_waiting',
    help: 'Number of releases that helm has applied and whose objects are not ready yet.',
    registers,
    collect() {
      this.set([...known.values()].filter(({ isWaiting }) => isWaiting).length)
    },
  })
}

function registerConditions(registry: Registry, known: ReadonlyMap<string, ShownRelease>): void {
  new Gauge({
    name: 'flux_helm_operator_release_condition_info',
    help: 'Condition of a HelmRelease: -1 is False, 0 is Unknown, 1 is True.',
    labelNames: ['target_namespace', 'release_name', 'condition'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { targetNamespace, releaseName, conditions } of known.values())
        for (const { type, status } of conditions)
          this.set(
            { target_namespace: targetNamespace, release_name: releaseName, condition: type },
            figures[status],
          )
    },
  })
}
