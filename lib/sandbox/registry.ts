// Which kinds are served right now: the built-in ones, and those that CustomResourceDefinitions bring and take away.
import { apiVersionOf } from './names.ts'
import { qualified } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'

export interface Registry {
  // Grows with every change, so that documents made from the definitions can be kept until then.
  readonly revision: number
  // Every version of every kind; the preferred version of a group first.
  all(): readonly ResourceDefinition[]
  find(group: string, version: string, plural: string): ResourceDefinition | undefined
  // The definition that an object's apiVersion and kind name.
  definitionOf(object: Pick<Obj, 'apiVersion' | 'kind'>): ResourceDefinition | undefined
  // By "deployments.apps" or "pods", in the preferred version.
  resolve(resource: string): ResourceDefinition | undefined
  setCustom(crd: string, definitions: readonly ResourceDefinition[]): void
  removeCustom(crd: string): void
}

/** A registry of the given built-in definitions, without any custom ones yet. */
export function createRegistry(builtin: readonly ResourceDefinition[]): Registry {
  const custom = new Map<string, readonly ResourceDefinition[]>()
  let index = indexed(builtin)
  let revision = 1
  const rebuild = (): void => {
    index = indexed([...builtin, ...[...custom.values()].flat().sort(byPriority)])
    revision += 1
  }
  return {
    get revision() {
      return revision
    },
    all: () => index.all,
    find: (group, version, plural) => index.byPlural.get(`${group}/${version}/${plural}`),
    definitionOf: ({ apiVersion, kind }) => index.byKind.get(`${apiVersion}/${kind}`),
    resolve: (resource) => index.preferred.get(resource),
    setCustom(crd, definitions) {
      custom.set(crd, definitions)
      rebuild()
    },
    removeCustom(crd) {
      if (custom.delete(crd)) rebuild()
    },
  }
}

type Index = {
  all: readonly ResourceDefinition[]
  byPlural: ReadonlyMap<string, ResourceDefinition>
  byKind: ReadonlyMap<string, ResourceDefinition>
  preferred: ReadonlyMap<string, ResourceDefinition>
}

function indexed(all: readonly ResourceDefinition[]): Index {
  const byPlural = new Map<string, ResourceDefinition>()
  const byKind = new Map<string, ResourceDefinition>()
  const preferred = new Map<string, ResourceDefinition>()
  for (const one of all) {
    byPlural.set(`${one.group}/${one.version}/${one.plural}`, one)
    byKind.set(`${apiVersionOf(one)}/${one.kind}`, one)
    if (!preferred.has(qualified(one))) preferred.set(qualified(one), one)
  }
  return { all, byPlural, byKind, preferred }
}

/** Kubernetes' order of versions, best first: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name. */
export function compareVersions(left: string, right: string): number {
  const a = ranked(left)
  const b = ranked(right)
  for (const [index, rank] of a.entries()) if (rank !== b[index]) return b[index]! - rank
  return left < right ? -1 : left > right ? 1 : 0
}

function ranked(version: string): number[] {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version)
  if (match === null) return [0, 0, 0]
  const stage = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1
  return [stage, Number(match[1]), Number(match[3] ?? 0)]
}

// Groups that somebody adds are all of the same priority, so the alphabet decides.
function byPriority(left: ResourceDefinition, right: ResourceDefinition): number {
  if (left.group !== right.group) return left.group < right.group ? -1 : 1
  return compareVersions(left.version, right.version)
}
