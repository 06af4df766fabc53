// A set of field paths, as server-side apply keeps them: "f:spec", 'k:{"name":"web"}' and 'v:"x"' are steps of a path.
// Kept as FieldsV1 in metadata.managedFields, where "." says that the path up to there is itself a member.
import { isMap, type JsonMap } from './schema.ts'

export type FieldSet = { members: ReadonlySet<string>; children: ReadonlyMap<string, FieldSet> }

export const noFields: FieldSet = { members: new Set(), children: new Map() }

export function fieldStep(name: string): string {
  return `f:${name}`
}

/** Collects paths and answers the set of them. */
export function fieldSet(paths: Iterable<readonly string[]>): FieldSet {
  const set = emptyNode()
  for (const path of paths) {
    let at = set
    for (const step of path.slice(0, -1)) {
      const below = at.children.get(step) ?? emptyNode()
      at.children.set(step, below)
      at = below
    }
    const last = path.at(-1)
    if (last !== undefined) at.members.add(last)
  }
  return set
}

type Node = { members: Set<string>; children: Map<string, Node> }

function emptyNode(): Node {
  return { members: new Set(), children: new Map() }
}

export function isEmpty(set: FieldSet): boolean {
  return set.members.size === 0 && [...set.children.values()].every(isEmpty)
}

/** All paths of both sets; the left set itself if it has them all. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (includes(left, right)) return left
  const children = new Map(left.children)
  for (const [step, child] of right.children) {
    const own = children.get(step)
    children.set(step, own ? union(own, child) : child)
  }
  return { members: new Set([...left.members, ...right.members]), children }
}

function includes(left: FieldSet, right: FieldSet): boolean {
  return (
    [...right.members].every((step) => left.members.has(step)) &&
    [...right.children].every(([step, child]) =>
      includes(left.children.get(step) ?? noFields, child),
    )
  )
}

/** The paths that are in the left set and not in the right one; the left set itself if they share none. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  if (!overlap(left, right)) return left
  const children = mapChildren(left, (child, step) => {
    const other = right.children.get(step)
    return other ? difference(child, other) : child
  })
  return { members: filtered(left.members, (step) => !right.members.has(step)), children }
}

function overlap(left: FieldSet, right: FieldSet): boolean {
  for (const step of right.members) if (left.members.has(step)) return true
  for (const [step, child] of right.children) {
    const own = left.children.get(step)
    if (own && overlap(own, child)) return true
  }
  return false
}

/** As difference(), but a path in the right set takes all that is below it with it. */
export function without(left: FieldSet, right: FieldSet): FieldSet {
  const children = mapChildren(left, (child, step) => {
    if (right.members.has(step)) return noFields
    const other = right.children.get(step)
    return other ? without(child, other) : child
  })
  return { members: filtered(left.members, (step) => !right.members.has(step)), children }
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  const children = mapChildren(left, (child, step) => {
    const other = right.children.get(step)
    return other ? intersection(child, other) : noFields
  })
  return { members: filtered(left.members, (step) => right.members.has(step)), children }
}

function mapChildren(
  set: FieldSet,
  change: (child: FieldSet, step: string) => FieldSet,
): Map<string, FieldSet> {
  const children = new Map<string, FieldSet>()
  for (const [step, child] of set.children) {
    const changed = change(child, step)
    if (!isEmpty(changed)) children.set(step, changed)
  }
  return children
}

function filtered(members: ReadonlySet<string>, keep: (step: string) => boolean): Set<string> {
  return new Set([...members].filter(keep))
}

/** Every path of the set, as people read it: '.spec.ports[port=80,protocol="TCP"].name'; what is nearest comes first. */
export function readablePaths(set: FieldSet, prefix = ''): string[] {
  const below = [...set.children].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...[...set.members].sort().map((step) => prefix + readableStep(step)),
    ...below.flatMap(([step, child]) => readablePaths(child, prefix + readableStep(step))),
  ]
}

function readableStep(step: string): string {
  const text = step.slice(2)
  if (step.startsWith('f:')) return `.${text}`
  if (step.startsWith('v:')) return `[=${text}]`
  const keys = Object.entries(JSON.parse(text) as JsonMap)
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
}

function stepsOf(set: FieldSet): string[] {
  return [...new Set([...set.members, ...set.children.keys()])].sort()
}

/** The set as FieldsV1. */
export function encodeFields(set: FieldSet): JsonMap {
  const encoded: JsonMap = {}
  for (const step of stepsOf(set)) {
    const child = set.children.get(step)
    if (child === undefined) encoded[step] = {}
    else encoded[step] = { ...(set.members.has(step) && { '.': {} }), ...encodeFields(child) }
  }
  return encoded
}

/** The set that FieldsV1 stands for; what is no FieldsV1 is the empty set. */
export function decodeFields(encoded: unknown): FieldSet {
  const members = new Set<string>()
  const children = new Map<string, FieldSet>()
  for (const [step, below] of Object.entries(isMap(encoded) ? encoded : {})) {
    if (step === '.' || !isMap(below)) continue
    const steps = Object.keys(below)
    if (steps.length === 0 || steps.includes('.')) members.add(step)
    const child = decodeFields(below)
    if (!isEmpty(child)) children.set(step, child)
  }
  return { members, children }
}
