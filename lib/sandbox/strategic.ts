// What does a strategic merge patch make of an object? Lists merge by the keys that the schema names; directives in the
// patch ($patch, $retainKeys, $setElementOrder/…, $deleteFromPrimitiveList/…) say what merging alone cannot.
import { isMap, itemSchema, memberSchema, setMember, type JsonMap, type Schema } from './schema.ts'
import { StatusError } from './types.ts'

const orderPrefix = '$setElementOrder/'
const deletePrefix = '$deleteFromPrimitiveList/'

/** The patched object; throws StatusError for a patch that contradicts itself. The arguments are not changed. */
export function applyStrategicPatch<T>(schema: Schema | undefined, current: T, patch: unknown): T {
  if (!isMap(patch)) {
    const found = Array.isArray(patch) ? 'array' : typeof patch
    throw badPatch(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`)
  }
  return mergedMap(schema, isMap(current) ? current : {}, patch) as T
}

function mergedMap(schema: Schema | undefined, current: JsonMap, patch: JsonMap): JsonMap {
  const directive = patch['$patch']
  if (directive === 'replace') return plain(patch) as JsonMap
  if (directive === 'delete') return {}
  if (directive !== undefined) throw brokenPatch(`unknown patch type: ${String(directive)}`)
  const merged = retained(current, patch)
  for (const name of fieldsOf(patch)) {
    const value = mergedField({ schema: memberSchema(schema, name), merged, patch, name })
    if (value === undefined) delete merged[name]
    else setMember(merged, name, value)
  }
  return merged
}

// A field is named by itself or by a directive about it.
function fieldsOf(patch: JsonMap): string[] {
  const names = Object.keys(patch).map((name) =>
    name.startsWith(orderPrefix) || name.startsWith(deletePrefix)
      ? name.slice(name.indexOf('/') + 1)
      : name,
  )
  return [...new Set(names)].filter((name) => name !== '$retainKeys')
}

function mergedField(at: {
  schema: Schema | undefined
  merged: JsonMap
  patch: JsonMap
  name: string
}): unknown {
  const { schema, patch, name } = at
  const current = withoutDeleted(at.merged[name], patch[deletePrefix + name])
  const change = patch[name]
  if (change === null) return undefined
  const value = change === undefined ? current : mergedValue(schema, current, change)
  const order = patch[orderPrefix + name] ?? orderOf(schema, change)
  return Array.isArray(order) && Array.isArray(value)
    ? ordered(value, {
        order,
        before: Array.isArray(current) ? current : [],
        key: mergeKey(schema),
      })
    : value
}

// Without a directive, the order of a merged list is that of the patch.
function orderOf(schema: Schema | undefined, change: unknown): unknown[] | undefined {
  if (!Array.isArray(change) || !strategiesOf(schema).includes('merge')) return undefined
  return change.filter((item) => !isMap(item) || item['$patch'] === undefined)
}

function mergedValue(schema: Schema | undefined, current: unknown, change: unknown): unknown {
  const strategies = strategiesOf(schema)
  if (isMap(current) && isMap(change))
    return strategies.includes('replace') ? plain(change) : mergedMap(schema, current, change)
  if (Array.isArray(current) && Array.isArray(change) && strategies.includes('merge'))
    return mergedList(schema, current, change)
  return plain(change)
}

function mergedList(
  schema: Schema | undefined,
  current: readonly unknown[],
  change: readonly unknown[],
): unknown[] {
  const key = mergeKey(schema)
  if (key === undefined) return [...current, ...change.filter((one) => !current.includes(one))]
  const items = change.map((item) => keyedItem(item, key))
  const replaces = items.some((item) => item['$patch'] === 'replace')
  const gone = items.filter((item) => item['$patch'] === 'delete').map((item) => item[key])
  const list = replaces ? [] : current.filter((item) => !isMap(item) || !gone.includes(item[key]))
  for (const item of items) {
    if (item['$patch'] !== undefined) continue
    const at = list.findIndex((one) => isMap(one) && one[key] === item[key])
    if (at < 0) list.push(plain(item))
    else list[at] = mergedMap(itemSchema(schema), list[at] as JsonMap, item)
  }
  return list
}

function keyedItem(item: unknown, key: string): JsonMap {
  if (!isMap(item)) throw badPatch(`an item of a list merged by ${key} is an object`)
  if (item[key] === undefined && item['$patch'] !== 'replace')
    throw brokenPatch(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
  return item
}

// Of a union (volumes, a deployment's strategy) only the keys that the patch names survive.
function retained(current: JsonMap, patch: JsonMap): JsonMap {
  const keys = patch['$retainKeys']
  if (!Array.isArray(keys)) return { ...current }
  const stray = Object.keys(patch).find(
    (name) => !name.startsWith('$') && patch[name] !== null && !keys.includes(name),
  )
  if (stray !== undefined) throw badPatch(`invalid patch format of retainKeys`)
  return Object.fromEntries(Object.entries(current).filter(([name]) => keys.includes(name)))
}

function withoutDeleted(current: unknown, gone: unknown): unknown {
  if (!Array.isArray(current) || !Array.isArray(gone)) return current
  return current.filter((item) => !gone.includes(item))
}

// Items that the client knows come in the client's order; the others stay before those that they were before.
function ordered(
  list: readonly unknown[],
  how: { order: readonly unknown[]; before: readonly unknown[]; key: string | undefined },
): unknown[] {
  const identity = (item: unknown): unknown =>
    how.key !== undefined && isMap(item) ? item[how.key] : item
  const wanted = how.order.map(identity)
  const before = how.before.map(identity)
  const place = (item: unknown): number => before.indexOf(identity(item))
  const known = list
    .filter((item) => wanted.includes(identity(item)))
    .sort((a, b) => wanted.indexOf(identity(a)) - wanted.indexOf(identity(b)))
  const others = list.filter((item) => !wanted.includes(identity(item)))
  const result: unknown[] = []
  while (known.length > 0 && others.length > 0) {
    const [left, right] = [place(others[0]), place(known[0])]
    result.push(left >= 0 && right >= 0 && left < right ? others.shift() : known.shift())
  }
  return [...result, ...known, ...others]
}

// A value that is new has neither directives nor nulls in it.
function plain(value: unknown): unknown {
  if (Array.isArray(value))
    return value.filter((item) => !isMap(item) || item['$patch'] === undefined).map(plain)
  if (!isMap(value)) return value
  const kept: JsonMap = {}
  for (const [name, member] of Object.entries(value))
    if (member !== null && !/^\$(patch$|retainKeys$|setElementOrder\/|deleteFrom)/.test(name))
      setMember(kept, name, plain(member))
  return kept
}

function mergeKey(schema: Schema | undefined): string | undefined {
  const key = schema?.['x-kubernetes-patch-merge-key']
  return typeof key === 'string' ? key : undefined
}

function strategiesOf(schema: Schema | undefined): string[] {
  const strategies = schema?.['x-kubernetes-patch-strategy']
  return typeof strategies === 'string' ? strategies.split(',') : []
}

function badPatch(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

// A real server does not count these as the client's fault.
function brokenPatch(message: string): StatusError {
  return new StatusError(500, '', message)
}
