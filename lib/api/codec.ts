// Which generations of HelmRelease we speak, and how each becomes the one model and its status the wire again.
import type { JsonObject, KubeObject } from '../model/json.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Memory } from '../model/memory.ts'
import type { Said } from '../model/report.ts'
import { decodeHelmRelease, type Generation } from './legacy/decode.ts'
import type { ConditionType } from './legacy/shown.ts'
import { decodeMemory, decodeStatus, encodeStatus } from './legacy/status.ts'

/** Keeps a HelmRelease in the cluster until its release is uninstalled. */
export const finalizer = 'helm.fluxcd.io/operator'

/** One generation. It is at once the ResourceType under which the API server serves it. */
export type Codec = {
  group: string
  version: string
  plural: string
  kind: string
  namespaced: true
  // Never throws for what is written in the spec.
  decode(object: KubeObject): HelmRelease
  // Of a status alone.
  decodeMemory(status: unknown): Memory
  decodeConditions(status: unknown): readonly ConditionFigure[]
  // A whole status to replace the object's with, or undefined when it says nothing new. With 'reduced', only what the CRD of the
  // operator before us accepts: for when the API server calls the full one Invalid.
  encodeStatus(said: Said, object: KubeObject, extent?: 'full' | 'reduced'): JsonObject | undefined
}

export type ConditionFigure = { type: string; status: 'True' | 'False' | 'Unknown' }

/** Every generation there is; a later one is one more entry. */
export const codecs: readonly Codec[] = [
  legacyCodec(
    {
      group: 'helm.fluxcd.io',
      version: 'v1',
      antecedent: 'helm.fluxcd.io/antecedent',
      keepsValuesWhenNoneGiven: false,
    },
    ['ChartFetched', 'Deployed', 'Released', 'RolledBack', 'Tested'],
  ),
  legacyCodec(
    {
      group: 'flux.weave.works',
      version: 'v1beta1',
      antecedent: 'flux.weave.works/antecedent',
      keepsValuesWhenNoneGiven: true,
    },
    ['ChartFetched', 'Released', 'RolledBack'],
  ),
]

/** The codec for an object's apiVersion or for a key's group; undefined when we do not speak it. */
export function codecFor(apiVersionOrGroup: string): Codec | undefined {
  return codecs.find(
    ({ group, version }) =>
      apiVersionOrGroup === group || apiVersionOrGroup === `${group}/${version}`,
  )
}

function legacyCodec(generation: Generation, accepted: readonly ConditionType[]): Codec {
  return {
    group: generation.group,
    version: generation.version,
    plural: 'helmreleases',
    kind: 'HelmRelease',
    namespaced: true,
    decode: (object) => decodeHelmRelease(object, generation),
    decodeMemory,
    decodeConditions: (status) => decodeStatus(status).conditions,
    encodeStatus: (said, object, extent) =>
      encodeStatus(said, object, extent === 'reduced' ? accepted : undefined),
  }
}
