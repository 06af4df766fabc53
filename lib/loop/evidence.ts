// Reads what lies around objects that are not ready: the pods they made and what was said about them.
import type { KubeObject } from '../model/json.ts'
import type { ResourceType } from '../model/ports.ts'
import type { Evidence } from '../plan/diagnose.ts'
import type { LiveObject } from '../plan/readiness.ts'
import { isMap } from '../util/merge.ts'
import type { Deps } from './deps.ts'

// One sentence comes of it: the first few objects are enough.
const mostObjects = 3

const pods: ResourceType = { group: '', version: 'v1', plural: 'pods', namespaced: true }
const events: ResourceType = { group: '', version: 'v1', plural: 'events', namespaced: true }
const replicaSets: ResourceType = {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  namespaced: true,
}

/** Evidence for diagnose(). What cannot be read is missing from it: a diagnosis is a favour, not a duty. */
export async function readEvidence(deps: Deps, unready: readonly LiveObject[]): Promise<Evidence> {
  const live = unready.flatMap((one) => one.live ?? []).slice(0, mostObjects)
  const namespaces = [...new Set(live.flatMap(({ metadata }) => metadata.namespace ?? []))]
  const read = async (
    type: ResourceType,
    options: { namespace: string; labelSelector?: string; fieldSelector?: string },
  ): Promise<KubeObject[]> => {
    try {
      return (await deps.cluster.list(type, options)).items
    } catch (error) {
      deps.log.warn('cannot read what a diagnosis needs', { resource: type.plural, error })
      return []
    }
  }
  const owned = (type: ResourceType) =>
    Promise.all(
      live.flatMap((object) => {
        const labelSelector = selectorOf(object)
        const { namespace } = object.metadata
        return labelSelector === undefined || namespace === undefined
          ? []
          : [read(type, { namespace, labelSelector })]
      }),
    )
  const warnings = namespaces.map((namespace) =>
    read(events, { namespace, fieldSelector: 'type=Warning' }),
  )
  const needsSets = live.some(({ kind }) => kind === 'Deployment')
  return {
    replicaSets: needsSets ? (await owned(replicaSets)).flat() : [],
    pods: (await owned(pods)).flat(),
    events: (await Promise.all(warnings)).flat(),
  }
}

// Of a workload, the labels of its pods; expressions are rare, and then all pods are read.
function selectorOf({ kind, spec }: KubeObject): string | undefined {
  const selector = isMap(spec) ? spec['selector'] : undefined
  if (!isMap(selector) || kind === 'Service') return undefined
  const labels = isMap(selector['matchLabels']) ? selector['matchLabels'] : {}
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',')
}
