// What an upgrade makes of an object that exists: the manifest's wishes laid over the live object, without what the manifest of
// the revision before had and this one has not. Helm finds it out with the schemas of the API server; here a list whose items all
// have names is merged by name, and any other is replaced. https://helm.sh/docs/faq/changes_since_helm2/#improved-upgrade-strategy-3-way-strategic-merge-patches
import type { Json, JsonObject } from '../model/json.ts'
import { isSameJson } from '../util/equal.ts'
import { isMap } from '../util/merge.ts'

type Sides = { before: Json | undefined; wanted: Json; live: Json | undefined }

// Of these, the live object keeps no key that is not wanted: patchStrategy "retainKeys" in the Kubernetes API.
const retaining = ['strategy', 'volumes']

/**
 * The merge patch that leads from the live object to what an upgrade makes of it; undefined when it changes nothing.
 * Objects must be of bounded depth.
 */
export function upgradePatch(sides: {
  before: JsonObject | undefined
  wanted: JsonObject
  live: JsonObject
}): JsonObject | undefined {
  return differenceOf(sides.live, merge(sides) as JsonObject)
}

function merge({ before, wanted, live }: Sides, field = ''): Json {
  if (isObject(wanted) && isObject(live))
    return mergeMaps({ before: isObject(before) ? before : {}, wanted, live }, field)
  if (!Array.isArray(wanted) || !Array.isArray(live)) return wanted
  // What defaults and others have added to an unchanged list stays.
  if (isSameJson(before, wanted)) return live
  const [ours, theirs] = [byName(wanted), byName(live)]
  if (ours === undefined || theirs === undefined) return wanted
  return mergeLists({ before: byName(before) ?? new Map(), wanted: ours, live: theirs }, field)
}

function mergeMaps(
  { before, wanted, live }: { before: JsonObject; wanted: JsonObject; live: JsonObject },
  field: string,
): JsonObject {
  const isKept = (key: string): boolean =>
    !Object.hasOwn(wanted, key) && !Object.hasOwn(before, key) && !retaining.includes(field)
  return Object.fromEntries([
    ...Object.entries(live).filter(([key]) => isKept(key)),
    ...Object.entries(wanted)
      // As in any patch, null stands for what is not to be there.
      .filter(([, value]) => value !== null)
      .map(([key, value]): [string, Json] => [
        key,
        merge({ before: own(before, key), wanted: value, live: own(live, key) }, key),
      ]),
  ])
}

type Named = ReadonlyMap<string, JsonObject>

function mergeLists(
  { before, wanted, live }: { before: Named; wanted: Named; live: Named },
  field: string,
): Json[] {
  const merged = [...wanted].map(([name, item]) =>
    merge({ before: before.get(name), wanted: item, live: live.get(name) }, field),
  )
  const others = [...live].filter(([name]) => !wanted.has(name) && !before.has(name))
  return [...merged, ...others.map(([, item]) => item)]
}

// Undefined unless every item has a name of its own.
function byName(list: Json | undefined): Named | undefined {
  if (!Array.isArray(list)) return undefined
  const items = new Map<string, JsonObject>()
  for (const item of list) {
    const name = isObject(item) ? own(item, 'name') : undefined
    if (typeof name !== 'string' || items.has(name)) return undefined
    items.set(name, item as JsonObject)
  }
  return items
}

function differenceOf(from: JsonObject, to: JsonObject): JsonObject | undefined {
  const changes: [string, Json][] = Object.keys(from)
    .filter((key) => !Object.hasOwn(to, key))
    .map((key) => [key, null])
  for (const [key, value] of Object.entries(to)) {
    const before = own(from, key)
    if (isSameJson(before, value)) continue
    const change =
      isObject(before) && isObject(value) ? (differenceOf(before, value) ?? value) : value
    changes.push([key, change])
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes)
}

function own(map: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function isObject(value: Json | undefined): value is JsonObject {
  return isMap(value)
}
