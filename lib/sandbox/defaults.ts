// Which fields of a built-in object does the API server fill in when its author leaves them out?
import { copyJson } from './copy.ts'
import { otherDefaults } from './defaults/others.ts'
import { workloadDefaults } from './defaults/workloads.ts'
import type { Obj } from './types.ts'

/** The object with its kind's defaults; cluster IPs and node ports are not among them. The argument is not changed. */
export function applyBuiltinDefaults(object: Obj): Obj {
  const slash = object.apiVersion.indexOf('/')
  const group = object.apiVersion.slice(0, Math.max(slash, 0))
  const kind = group === '' ? object.kind : `${object.kind}.${group}`
  const fill = workloadDefaults[kind] ?? otherDefaults[kind]
  if (fill === undefined) return object
  // Defaults are written into a copy; of metadata, only whole fields are replaced, and of a status nothing.
  const { metadata, status, ...rest } = object
  const draft = {
    ...copyJson(rest),
    metadata: { ...metadata },
    ...(status === undefined ? {} : { status }),
  } as Obj
  fill(draft)
  return draft
}
