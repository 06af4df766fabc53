// What is wrong with a value by its OpenAPI schema? Rules written in CEL (x-kubernetes-validations) are in rules/.
import { duplicateValue, invalidValue, requiredValue, tooMany, unsupportedValue } from './causes.ts'
import { equalJson } from './equal.ts'
import { numberCauses, stringCauses, typeCause } from './scalars.ts'
import {
  childPath,
  isMap,
  itemKeys,
  itemSchema,
  listType,
  memberSchema,
  type JsonMap,
  type Schema,
} from './schema.ts'
import type { Cause } from './status.ts'

/**
 * Everything that is wrong with the value, in the order of its fields; empty when it is valid. What has not changed since
 * `before` is not complained about: schemas become stricter, and what is there must still be changed elsewhere.
 */
export function validate(schema: Schema | undefined, value: unknown, before?: unknown): Cause[] {
  return schema === undefined ? [] : causesIn(schema, value, '', before)
}

function causesIn(schema: Schema, value: unknown, path: string, before?: unknown): Cause[] {
  if (before !== undefined && equalJson(before, value)) return []
  const type = typeCause(schema, value, path)
  if (type) return [type]
  const causes = combinedCauses(schema, value, path)
  if (typeof value === 'string') causes.push(...stringCauses(schema, value, path))
  if (typeof value === 'number') causes.push(...numberCauses(schema, value, path))
  if (Array.isArray(value)) causes.push(...listCauses(schema, value, path, before))
  const choices = schema['enum']
  if (Array.isArray(choices) && !choices.some((choice) => equalJson(choice, value)))
    causes.push(unsupportedValue(path, value, choices))
  if (isMap(value)) causes.push(...mapCauses(schema, value, path, before))
  return causes
}

function listCauses(
  schema: Schema,
  list: readonly unknown[],
  path: string,
  before: unknown,
): Cause[] {
  const items = itemSchema(schema)
  const known = sameItems(schema, before)
  const causes = list.flatMap((item, index) =>
    items === undefined ? [] : causesIn(items, item, `${path}[${index}]`, known(item)),
  )
  const { maxItems, minItems } = schema
  if (typeof maxItems === 'number' && list.length > maxItems)
    causes.push(tooMany(path, list.length, maxItems))
  if (typeof minItems === 'number' && list.length < minItems) {
    const detail = `${path} in body should have at least ${minItems} items`
    causes.push(invalidValue(path, list.length, detail))
  }
  return [...causes, ...duplicateCauses(schema, list, path)]
}

function duplicateCauses(schema: Schema, list: readonly unknown[], path: string): Cause[] {
  const type = listType(schema)
  if (type.kind === 'atomic') return []
  const seen = new Set<string>()
  const causes: Cause[] = []
  for (const [index, item] of list.entries()) {
    const identity = type.kind === 'set' ? item : keysOf(schema, type.keys, item)
    // Items without their keys are reported as such, not as each other's duplicates.
    if (identity === undefined) continue
    const text = JSON.stringify(identity)
    if (seen.has(text)) causes.push(duplicateValue(`${path}[${index}]`, identity))
    seen.add(text)
  }
  return causes
}

/** The item of the old list that an item of the new one was: known of map lists, whose items have keys. */
export function sameItems(schema: Schema, before: unknown): (item: unknown) => unknown {
  const type = listType(schema)
  if (type.kind !== 'map' || !Array.isArray(before)) return () => undefined
  const keyOf = (item: unknown): string => JSON.stringify(keysOf(schema, type.keys, item) ?? null)
  const known = new Map(before.map((item) => [keyOf(item), item as unknown]))
  return (item) => known.get(keyOf(item))
}

function keysOf(schema: Schema, keys: readonly string[], item: unknown): JsonMap | undefined {
  if (!isMap(item)) return undefined
  const found = itemKeys(itemSchema(schema), keys, item)
  return Object.keys(found).length > 0 ? found : undefined
}

function mapCauses(schema: Schema, value: JsonMap, path: string, before: unknown): Cause[] {
  const old = isMap(before) ? before : {}
  const causes: Cause[] = []
  const count = Object.keys(value).length
  const { maxProperties, minProperties, required } = schema
  if (typeof maxProperties === 'number' && count > maxProperties)
    causes.push(tooMany(path, count, maxProperties))
  if (typeof minProperties === 'number' && count < minProperties) {
    const detail = `${path} in body should have at least ${minProperties} properties`
    causes.push(invalidValue(path, count, detail))
  }
  for (const name of (required ?? []) as string[])
    if (value[name] === undefined) causes.push(requiredValue(childPath(path, name)))
  for (const [name, member] of Object.entries(value)) {
    const known = memberSchema(schema, name)
    if (known !== undefined)
      causes.push(...causesIn(known, member, childPath(path, name), old[name]))
  }
  return causes
}

function combinedCauses(schema: Schema, value: unknown, path: string): Cause[] {
  const { anyOf, oneOf, allOf, not } = schema as Record<string, unknown>
  // The int-or-string marker says the same as the choice of types beside it.
  if (schema['x-kubernetes-int-or-string'] === true) return []
  const causes: Cause[] = []
  const say = (what: string): void => {
    causes.push(invalidValue('<nil>', '', `"${path}" must ${what}`))
  }
  const tried = (list: unknown): Cause[][] =>
    Array.isArray(list) ? list.map((one) => causesIn(one as Schema, value, path)) : []
  const any = tried(anyOf)
  if (any.length > 0 && any.every((found) => found.length > 0)) {
    say('validate at least one schema (anyOf)')
    causes.push(...any[0]!)
  }
  const one = tried(oneOf)
  const valid = one.filter((found) => found.length === 0).length
  if (one.length > 0 && valid !== 1) {
    const outcome = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
    say(`validate one and only one schema (oneOf). ${outcome}`)
    if (valid === 0) causes.push(...one[0]!)
  }
  const all = tried(allOf).flat()
  causes.push(...all)
  if (all.length > 0) say('validate all the schemas (allOf)')
  if (isMap(not) && causesIn(not as Schema, value, path).length === 0)
    say('not validate the schema (not)')
  return causes
}
