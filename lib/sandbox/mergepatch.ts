// What does a JSON merge patch (RFC 7396) make of an object?
import { isMap, setMember, type JsonMap } from './schema.ts'

/** The patched value; null takes a member away, everything but objects replaces. Neither argument is changed. */
export function applyMergePatch(current: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const merged: JsonMap = isMap(current) ? { ...current } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else {
      const below = Object.hasOwn(merged, name) ? merged[name] : undefined
      setMember(merged, name, applyMergePatch(below, value))
    }
  }
  return merged
}
