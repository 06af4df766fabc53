// How to read a value whose shape is not known for certain: what is not there is empty.
import { isMap, type JsonMap } from './schema.ts'

/** The value at a dotted path, such as "spec.replicas". */
export function at(value: unknown, path: string): unknown {
  let found = value
  for (const step of path.split('.')) found = isMap(found) ? found[step] : undefined
  return found
}

export function textAt(value: unknown, path: string): string {
  const found = at(value, path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

export function numberAt(value: unknown, path: string): number {
  const found = at(value, path)
  return typeof found === 'number' ? found : 0
}

export function mapsAt(value: unknown, path: string): JsonMap[] {
  const found = at(value, path)
  return Array.isArray(found) ? found.filter(isMap) : []
}

export function textsAt(value: unknown, path: string): string[] {
  const found = at(value, path)
  return Array.isArray(found) ? found.map(String) : []
}
