// How often has the template of a DaemonSet changed? Servers have always counted that in an annotation.
import { equalJson } from './equal.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import { withMeta } from './world.ts'

export const templateGeneration = 'deprecated.daemonset.template.generation'

/** The DaemonSet with the count that the server keeps, whatever the client says; a new one may bring its own. */
export function countTemplates(
  definition: ResourceDefinition,
  before: Obj | undefined,
  object: Obj,
): Obj {
  if (definition.group !== 'apps' || definition.plural !== 'daemonsets') return object
  const changed = before !== undefined && !equalJson(templateOf(before), templateOf(object))
  const count = countOf(before ?? object) + (changed ? 1 : 0)
  const annotations = { ...object.metadata.annotations, [templateGeneration]: String(count) }
  return withMeta(object, { annotations })
}

function countOf({ metadata }: Obj): number {
  return Number(/^[1-9]\d*$/.exec(metadata.annotations?.[templateGeneration] ?? '')?.[0] ?? 1)
}

function templateOf({ spec }: Obj): unknown {
  return (spec as { template?: unknown } | undefined)?.template
}
