// Under which terms is an object found by those whom it concerns? By its controller, its labels, what it refers to, what it
// selects.
import type { Obj } from '../types.ts'
import type { LabelSelector, Pod } from './shapes.ts'

/** An object is found under each of `all`, and under one of `oneOf`, if there are any. */
export type Terms = { all: string[]; oneOf: string[] }

export const controlledTerm = (resource: string, uid: string): string => `of/${uid}/${resource}`
export const orphanTerm = (resource: string, namespace = ''): string =>
  `orphan/${namespace}/${resource}`
export const labelTerm = (namespace: string, [key, value]: [string, string]): string =>
  `label/${namespace}/${key}=${value}`
export const referenceTerm = (kind: string, namespace: string, name: string): string =>
  `refers/${namespace}/${kind}/${name}`
export const selectorTerm = (namespace: string, pair?: [string, string]): string =>
  `selects/${namespace}/${pair ? pair.join('=') : '*'}`

const adoptable = new Set(['pods', 'replicasets.apps'])

/** The terms of an object of the resource. */
export function termsOf(resource: string, object: Obj): Terms {
  const { namespace = '', ownerReferences } = object.metadata
  const owner = ownerReferences?.find(({ controller }) => controller)
  const all = referencesOf(resource, object).map(([kind, name]) =>
    referenceTerm(kind, namespace, name),
  )
  if (owner) all.push(controlledTerm(resource, owner.uid))
  else if (adoptable.has(resource)) all.push(orphanTerm(resource, namespace))
  if (resource === 'pods')
    for (const pair of Object.entries(object.metadata.labels ?? {}))
      all.push(labelTerm(namespace, pair))
  return { all, oneOf: selectorTerms(resource, namespace, object) }
}

type Reference = readonly [kind: string, name: string]

function referencesOf(resource: string, object: Obj): Reference[] {
  if (resource === 'pods') return podReferences(object as Pod)
  if (resource !== 'horizontalpodautoscalers.autoscaling') return []
  const { kind, name } = (object['spec'] as { scaleTargetRef: { kind: string; name: string } })
    .scaleTargetRef
  return [[kind, name]]
}

function podReferences({ spec }: Pod): Reference[] {
  const volumes = spec.volumes ?? []
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? [])
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const whole = containers.flatMap(({ envFrom = [] }) => envFrom)
  const single = containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom))
  const secrets = [
    ...volumes.map(({ secret }) => secret?.secretName),
    ...sources.map(({ secret }) => secret?.name),
    ...whole.map(({ secretRef }) => secretRef?.name),
    ...single.map((from) => from?.secretKeyRef?.name),
  ]
  const configMaps = [
    ...volumes.map(({ configMap }) => configMap?.name),
    ...sources.map(({ configMap }) => configMap?.name),
    ...whole.map(({ configMapRef }) => configMapRef?.name),
    ...single.map((from) => from?.configMapKeyRef?.name),
  ]
  const claims = volumes.map((volume) => volume.persistentVolumeClaim?.claimName)
  return [
    ...named('Secret', secrets),
    ...named('ConfigMap', configMaps),
    ...named('PersistentVolumeClaim', claims),
  ]
}

function named(kind: string, names: readonly (string | undefined)[]): Reference[] {
  return [...new Set(names)].flatMap((name) => (name ? [[kind, name] as const] : []))
}

function selectorTerms(resource: string, namespace: string, { spec }: Obj): string[] {
  const { selector } = (spec ?? {}) as { selector?: Record<string, string> | LabelSelector }
  if (selector === undefined) return []
  const labels =
    resource === 'services'
      ? (selector as Record<string, string>)
      : resource === 'poddisruptionbudgets.policy'
        ? ((selector as LabelSelector).matchLabels ?? {})
        : undefined
  if (labels === undefined) return []
  const pairs = Object.entries(labels)
  return pairs.length === 0
    ? [selectorTerm(namespace)]
    : pairs.map((pair) => selectorTerm(namespace, pair))
}
