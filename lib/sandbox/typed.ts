// What does a schema make of a value's fields: which paths there are, which differ, and how two values merge?
// The rules are those of structured merge: lists by their list type, structs and maps field by field, unless atomic;
// what no schema describes is merged field by field too, its lists as a whole.
import { equalJson } from './equal.ts'
import { difference, fieldSet, fieldStep, intersection, union, type FieldSet } from './fieldset.ts'
import {
  isAtomicMap,
  isMap,
  itemKeys,
  itemSchema,
  listType,
  memberSchema,
  setMember,
  type JsonMap,
  type Schema,
} from './schema.ts'

type Path = readonly string[]
export type Comparison = { added: FieldSet; modified: FieldSet; removed: FieldSet }

/** The paths that an applied configuration claims. */
export function fieldSetOf(schema: Schema | undefined, value: unknown): FieldSet {
  const paths: Path[] = []
  collect(schema, value, [], paths)
  return fieldSet(paths)
}

function collect(schema: Schema | undefined, value: unknown, path: Path, paths: Path[]): void {
  if (isLeaf(schema, value)) {
    paths.push(path)
    return
  }
  for (const [step, child] of childrenOf(schema, value)) {
    const at = [...path, step]
    if (!child.repeated) collect(child.schema, child.value, at, paths)
    // The fields of a struct are implied by what is in them; the entries of maps and lists are claimed as such.
    if (!child.named || isBlank(child.value)) paths.push(at)
  }
}

function isBlank(value: unknown): boolean {
  return value === null || (isMap(value) && Object.keys(value).length === 0)
}

/** Is the value owned as a whole? Scalars are, and atomic lists and structs. */
function isLeaf(schema: Schema | undefined, value: unknown): boolean {
  if (isMap(value)) return isAtomicMap(schema)
  return Array.isArray(value) ? listType(schema).kind === 'atomic' : true
}

type Child = {
  schema: Schema | undefined
  value: unknown
  named: boolean
  // Items of one key: the value is a list of all of them, which is owned and compared as a whole.
  repeated?: boolean
}

function childrenOf(schema: Schema | undefined, value: unknown): Map<string, Child> {
  const children = new Map<string, Child>()
  if (isMap(value)) {
    for (const [name, member] of Object.entries(value))
      children.set(fieldStep(name), {
        schema: memberSchema(schema, name),
        value: member,
        named: isNamed(schema, name),
      })
  } else if (Array.isArray(value)) {
    for (const item of value) {
      const step = itemStep(schema, item)
      const before = children.get(step)
      if (before === undefined)
        children.set(step, { schema: itemSchema(schema), value: item, named: false })
      else if (before.repeated) (before.value as unknown[]).push(item)
      else children.set(step, { ...before, value: [before.value, item], repeated: true })
    }
  }
  return children
}

function isNamed(schema: Schema | undefined, name: string): boolean {
  const properties = schema?.['properties']
  return isMap(properties) && Object.hasOwn(properties, name)
}

function itemStep(schema: Schema | undefined, item: unknown): string {
  const type = listType(schema)
  if (type.kind !== 'map') return `v:${JSON.stringify(item)}`
  const keys = isMap(item) ? itemKeys(itemSchema(schema), [...type.keys].sort(), item) : {}
  return `k:${JSON.stringify(keys)}`
}

/** Which paths came, changed and went from one value to the other. */
export function compareFields(
  schema: Schema | undefined,
  before: unknown,
  after: unknown,
): Comparison {
  const found = { added: [] as Path[], modified: [] as Path[], removed: [] as Path[] }
  compare(schema, { before, after }, [], found)
  return {
    added: fieldSet(found.added),
    modified: fieldSet(found.modified),
    removed: fieldSet(found.removed),
  }
}

type Found = { added: Path[]; modified: Path[]; removed: Path[] }

function compare(
  schema: Schema | undefined,
  { before, after }: { before: unknown; after: unknown },
  path: Path,
  found: Found,
): void {
  // Most of what a write leaves alone is still the same object.
  if (before === after) return
  const came = before === undefined
  const went = after === undefined
  if (before !== null && after !== null && !came && !went && shapeOf(before) !== shapeOf(after)) {
    compare(schema, { before, after: undefined }, path, found)
    compare(schema, { before: undefined, after }, path, found)
    return
  }
  const bothEmpty = isHollow(before) && isHollow(after)
  if (bothEmpty || isLeaf(schema, after ?? before)) {
    if (!came && !went) {
      if (!equalJson(before, after)) found.modified.push(path)
      return
    }
  } else {
    const left = childrenOf(schema, before)
    const right = childrenOf(schema, after)
    for (const step of new Set([...left.keys(), ...right.keys()]))
      compareChild({ before: left.get(step), after: right.get(step) }, [...path, step], found)
  }
  if (came) found.added.push(path)
  if (went) found.removed.push(path)
}

// Items that repeat a key are one thing, which is not that one which stands there alone before or after.
function compareChild(
  { before, after }: { before: Child | undefined; after: Child | undefined },
  path: Path,
  found: Found,
): void {
  const schema = (before ?? after)!.schema
  if (before?.repeated && after?.repeated) {
    if (!equalJson(before.value, after.value)) found.modified.push(path)
    return
  }
  const alone = {
    before: before?.repeated ? undefined : before?.value,
    after: after?.repeated ? undefined : after?.value,
  }
  compare(schema, alone, path, found)
  if (before?.repeated) found.removed.push(path)
  if (after?.repeated) found.added.push(path)
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : isMap(value) ? 'map' : 'scalar'
}

function isHollow(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return isMap(value) && Object.keys(value).length === 0
}

/** An object before anything was written into it: built-in kinds have structs by value and lists that are null. */
export function zeroValue(schema: Schema | undefined): JsonMap {
  const zero: JsonMap = {}
  const required = schema?.['required']
  for (const [name, property] of Object.entries(schema?.['properties'] ?? {})) {
    const field = property as Schema
    if (isMap(field['default'])) zero[name] = zeroValue(field)
    else if (Array.isArray(required) && required.includes(name)) zero[name] = zeroOf(field)
  }
  return zero
}

function zeroOf(schema: Schema): unknown {
  const zeros: Record<string, unknown> = { string: '', integer: 0, boolean: false }
  return zeros[String(schema['type'])] ?? null
}

/** The live value with the applied one laid over it. */
export function mergeTyped(schema: Schema | undefined, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  if (live === undefined || shapeOf(live) !== shapeOf(applied)) return applied
  if (isLeaf(schema, applied) || (isHollow(live) && isHollow(applied))) return applied
  if (Array.isArray(live) && Array.isArray(applied)) return mergeLists(schema, live, applied)
  const merged: JsonMap = { ...(live as JsonMap) }
  for (const [name, value] of Object.entries(applied as JsonMap))
    setMember(merged, name, mergeTyped(memberSchema(schema, name), merged[name], value))
  return merged
}

// Items that both have keep the order of the applied list; those of the live list alone stay where they were. One that is applied
// takes the place of all live ones of its key.
function mergeLists(
  schema: Schema | undefined,
  live: readonly unknown[],
  applied: readonly unknown[],
): unknown[] {
  const left = new Map<string, unknown>()
  const steps = live.map((item) => itemStep(schema, item))
  steps.forEach((step, index) => left.set(step, left.has(step) ? undefined : live[index]))
  const right = new Map(applied.map((item) => [itemStep(schema, item), item]))
  const merged = (step: string): unknown =>
    mergeTyped(itemSchema(schema), left.get(step), right.get(step))
  const appliedSteps = [...right.keys()]
  const result: unknown[] = []
  const nextShared = (): string | undefined => appliedSteps.find((step) => left.has(step))
  for (const [index, step] of steps.entries()) {
    if (!right.has(step)) result.push(live[index])
    else if (step === nextShared())
      result.push(...appliedSteps.splice(0, appliedSteps.indexOf(step) + 1).map(merged))
  }
  return [...result, ...appliedSteps.map(merged)]
}

/** The value without the given paths. */
function removeFields(schema: Schema | undefined, value: unknown, gone: FieldSet): unknown {
  if (isLeaf(schema, value)) return value
  const kept = (step: string, below: Schema | undefined, member: unknown): unknown => {
    const deeper = gone.children.get(step)
    return deeper ? removeFields(below, member, deeper) : member
  }
  if (Array.isArray(value))
    return value
      .filter((item) => !gone.members.has(itemStep(schema, item)))
      .map((item) => kept(itemStep(schema, item), itemSchema(schema), item))
  const result: JsonMap = {}
  for (const [name, member] of Object.entries(value as JsonMap)) {
    const step = fieldStep(name)
    if (!gone.members.has(step))
      setMember(result, name, kept(step, memberSchema(schema, name), member))
  }
  return result
}

/** The set with every struct's field that leads to a member: what it takes to remove a struct that has become empty. */
function withNamedFields(schema: Schema | undefined, set: FieldSet): FieldSet {
  const members = new Set(set.members)
  const children = new Map<string, FieldSet>()
  for (const [step, child] of set.children) {
    const name = step.startsWith('f:') ? step.slice(2) : undefined
    if (name !== undefined && isNamed(schema, name)) members.add(step)
    const below = name === undefined ? itemSchema(schema) : memberSchema(schema, name)
    children.set(step, withNamedFields(below, child))
  }
  return { members, children }
}

/**
 * The merged value without what this manager applied last time (`last`) and no manager claims now (`managed`). What
 * others claim stays, and so does what nobody ever claimed, such as defaults, unless its struct goes with it.
 */
export function pruneFields(
  schema: Schema | undefined,
  merged: unknown,
  { last, managed }: { last: FieldSet; managed: FieldSet },
): unknown {
  const pathsOf = (value: unknown): FieldSet => withNamedFields(schema, fieldSetOf(schema, value))
  const mine = withNamedFields(schema, last)
  const all = pathsOf(merged)
  const others = pathsOf(removeFields(schema, merged, mine))
  const kept = union(others, withNamedFields(schema, managed))
  const owned = removeFields(schema, merged, difference(all, kept))
  const gone = intersection(difference(all, pathsOf(owned)), mine)
  return removeFields(schema, merged, gone)
}
