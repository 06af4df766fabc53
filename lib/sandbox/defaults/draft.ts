// A copy of an object that defaults are written into: how to reach its parts and fill in what is missing.
import { isMap, type JsonMap } from '../schema.ts'

export type Draft = JsonMap

/** Sets the field unless it is there. */
export function preset(draft: Draft, name: string, value: unknown): void {
  if (draft[name] === undefined || draft[name] === null) draft[name] = value
}

/** Sets all fields that are missing. */
export function presetAll(draft: Draft, values: Draft): void {
  for (const [name, value] of Object.entries(values)) preset(draft, name, value)
}

/** The struct at this path, if there is one. */
export function structAt(draft: Draft, ...path: readonly string[]): Draft | undefined {
  let at: unknown = draft
  for (const step of path) at = isMap(at) ? at[step] : undefined
  return isMap(at) ? at : undefined
}

/** The structs in the list of this name; none if there is no such list. */
export function structsIn(draft: Draft | undefined, name: string): Draft[] {
  const list = draft?.[name]
  return Array.isArray(list) ? list.filter(isMap) : []
}
