// Who belongs to whom and who is concerned by what, kept up to date with every change, so that nobody has to go through all
// objects to find the few that matter.
import type { Obj, SandboxApi } from '../types.ts'
import {
  controlledTerm,
  labelTerm,
  orphanTerm,
  referenceTerm,
  selectorTerm,
  termsOf,
} from './terms.ts'

export type Key = { resource: string; namespace: string | undefined; name: string }

export interface Relations {
  // Takes note of a change; undefined: of an object that is gone.
  note(resource: string, uid: string, object: Obj | undefined): void
  // By name, as a list would have them.
  controlledBy(resource: string, owner: Obj): Obj[]
  // Those that somebody could adopt.
  orphans(resource: string, namespace: string | undefined): Obj[]
  // All pods that have these labels are among them; of those that have not, a few.
  podsLike(namespace: string | undefined, labels: Readonly<Record<string, string>>): Obj[]
  // Whose specs name this object.
  referringTo(object: Obj): Key[]
  // Those whose selectors ask for one of the pod's labels.
  selecting(pod: Obj): Key[]
}

/** Relations between the objects that note() was told of. */
export function createRelations(api: Pick<SandboxApi, 'get' | 'list'>): Relations {
  const index = createIndex()
  const objects = (keys: readonly Key[]): Obj[] =>
    keys.flatMap(({ resource, namespace, name }) => api.get(resource, namespace, name) ?? [])
  const byName = (term: string): Obj[] =>
    objects([...index.at(term)].sort((a, b) => (a.name < b.name ? -1 : 1)))
  return {
    note(resource, uid, object) {
      index.remove(uid)
      if (object === undefined) return
      const { namespace, name } = object.metadata
      const { all, oneOf } = termsOf(resource, object)
      const rarest = fewest(oneOf, index.countAt)
      index.add(uid, { resource, namespace, name }, rarest === undefined ? all : [...all, rarest])
    },
    controlledBy: (resource, { metadata }) => byName(controlledTerm(resource, metadata.uid ?? '')),
    orphans: (resource, namespace) => byName(orphanTerm(resource, namespace)),
    podsLike(namespace = '', labels) {
      const terms = Object.entries(labels).map((pair) => labelTerm(namespace, pair))
      const rarest = fewest(terms, index.countAt)
      return rarest === undefined ? api.list('pods', namespace) : byName(rarest)
    },
    referringTo: ({ kind, metadata: { namespace = '', name } }) =>
      index.at(referenceTerm(kind, namespace, name)),
    selecting({ metadata: { namespace = '', labels = {} } }) {
      const pairs = [undefined, ...Object.entries(labels)]
      return pairs.flatMap((pair) => index.at(selectorTerm(namespace, pair)))
    },
  }
}

type Index = {
  add(uid: string, key: Key, terms: readonly string[]): void
  remove(uid: string): void
  at(term: string): Key[]
  countAt(term: string): number
}

function createIndex(): Index {
  const found = new Map<string, Map<string, Key>>()
  const known = new Map<string, readonly string[]>()
  return {
    add(uid, key, terms) {
      if (terms.length > 0) known.set(uid, terms)
      for (const term of terms) {
        const under = found.get(term) ?? new Map<string, Key>()
        found.set(term, under.set(uid, key))
      }
    },
    remove(uid) {
      for (const term of known.get(uid) ?? []) {
        const under = found.get(term)
        under?.delete(uid)
        if (under?.size === 0) found.delete(term)
      }
      known.delete(uid)
    },
    at: (term) => [...(found.get(term)?.values() ?? [])],
    countAt: (term) => found.get(term)?.size ?? 0,
  }
}

// Of many selectors that ask for the same name and for an instance each, the instance tells more.
function fewest(terms: readonly string[], countAt: (term: string) => number): string | undefined {
  return terms.reduce<string | undefined>(
    (least, term) => (least === undefined || countAt(term) < countAt(least) ? term : least),
    undefined,
  )
}
