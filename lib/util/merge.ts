// How values documents are laid over each other: maps merge, everything else replaces.

type Map = { [key: string]: unknown }

/**
 * Lays `over` on `under`. Maps merge by key; scalars, lists and null replace; an explicit null stays, because Helm reads it
 * as "delete the chart's default". Neither argument is changed.
 */
export function mergeValues<T extends Map>(under: T, over: Map): T {
  const merged: Map = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined
    setOwn(merged, key, isMap(below) && isMap(value) ? mergeValues(below, value) : value)
  }
  return merged as T
}

export function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// A plain assignment to "__proto__" would change the prototype instead of adding a member.
function setOwn(map: Map, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true })
}
