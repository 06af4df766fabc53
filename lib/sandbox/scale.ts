// The scale subresource: how many there are and shall be, in the same words for everything that can be scaled.
import { badRequest } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import type { World } from './world.ts'

type Paths = { spec: string; status: string; selector?: string | undefined }

const builtin: Paths = {
  spec: 'spec.replicas',
  status: 'status.replicas',
}

/** Where a kind keeps its numbers: built-in kinds in the same place, custom ones where their definition says. */
export function scalePaths(world: World, definition: ResourceDefinition): Paths {
  const crds = world.registry.resolve('customresourcedefinitions.apiextensions.k8s.io')
  if (!definition.custom || crds === undefined) return builtin
  const name = `${definition.plural}.${definition.group}`
  const crd = world.store.collection(crds).get(undefined, name)
  const { versions = [] } = (crd?.['spec'] ?? {}) as {
    versions?: { name: string; subresources?: { scale?: Record<string, string> } }[]
  }
  const scale = versions.find((one) => one.name === definition.version)?.subresources?.scale
  const bare = (path: string | undefined): string => (path ?? '').replace(/^\./, '')
  return {
    spec: bare(scale?.['specReplicasPath']),
    status: bare(scale?.['statusReplicasPath']),
    selector: bare(scale?.['labelSelectorPath']),
  }
}

/** The object as a Scale. */
export function readScale(paths: Paths, object: Obj): Obj {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = paths.selector === undefined ? selectorText(object) : at(object, paths.selector)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    // As a real server writes it, zero is left out.
    spec: at(object, paths.spec) ? { replicas: at(object, paths.spec) } : {},
    status: {
      replicas: at(object, paths.status) ?? 0,
      ...(selector === undefined ? {} : { selector }),
    },
  }
}

/** The object with as many replicas as the Scale asks for; throws StatusError 400 for what is no number. */
export function writeScale(paths: Paths, object: Obj, scale: Obj): Obj {
  const { replicas = 0 } = (scale['spec'] ?? {}) as { replicas?: unknown }
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw badRequest('spec.replicas: Invalid value: must be a whole number, 0 or more')
  const { resourceVersion } = scale.metadata
  const scaled = withValue(object, paths.spec.split('.'), replicas) as Obj
  const metadata = { ...scaled.metadata }
  if (resourceVersion === undefined) delete metadata.resourceVersion
  else metadata.resourceVersion = resourceVersion
  return { ...scaled, metadata }
}

function at(object: unknown, path: string): unknown {
  let value = object
  for (const part of path.split('.'))
    value = (value as { [field: string]: unknown } | undefined)?.[part]
  return value
}

function withValue(object: unknown, path: readonly string[], value: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  const map = (object ?? {}) as { [field: string]: unknown }
  return { ...map, [first]: withValue(map[first], rest, value) }
}

function selectorText(object: Obj): string | undefined {
  const { selector } = (object['spec'] ?? {}) as { selector?: Record<string, unknown> }
  if (selector === undefined) return undefined
  // A ReplicationController selects by plain labels.
  const plain = 'matchLabels' in selector || 'matchExpressions' in selector
  const labels = (plain ? selector['matchLabels'] : selector) as Record<string, string> | undefined
  const terms = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  const expressions = (selector['matchExpressions'] ?? []) as {
    key: string
    operator: string
    values?: string[]
  }[]
  for (const { key, operator, values = [] } of expressions)
    terms.push(
      operator === 'Exists'
        ? key
        : operator === 'DoesNotExist'
          ? `!${key}`
          : `${key} ${operator.toLowerCase()} (${values.join(',')})`,
    )
  return terms.join(',')
}
