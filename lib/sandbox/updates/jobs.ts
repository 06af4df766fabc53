// What an update may not change about a Job: how often it is to succeed, how it fails, and what it runs once it has begun.
import { invalidValue } from '../causes.ts'
import { equalJson } from '../equal.ts'
import { at } from '../reading.ts'
import type { JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'

const immutable = 'field is immutable'
const fixed = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'successPolicy',
  'backoffLimitPerIndex',
  'managedBy',
]

export function jobUpdateCauses(before: Obj, after: Obj): Cause[] {
  const causes = fixed.flatMap((field) => changed(before, after, `spec.${field}`))
  return [...completionsCauses(before, after), ...templateCauses(before, after), ...causes]
}

function changed(before: Obj, after: Obj, path: string): Cause[] {
  const now = at(after, path)
  return equalJson(at(before, path), now) ? [] : [invalidValue(path, now, immutable)]
}

// An indexed Job may be made larger or smaller, if all its indexes run at once.
function completionsCauses(before: Obj, after: Obj): Cause[] {
  const field = 'spec.completions'
  if (at(before, 'spec.completionMode') !== 'Indexed') return changed(before, after, field)
  const now = at(after, field)
  if (now === at(before, field) || now === at(after, 'spec.parallelism')) return []
  return [invalidValue(field, now, 'can only be modified in tandem with spec.parallelism')]
}

const placing = ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']

// While it is suspended and has never run, where its pods may run is open.
function templateCauses(before: Obj, after: Obj): Cause[] {
  const isOpen = at(before, 'spec.suspend') === true && at(before, 'status.startTime') === undefined
  const shown = (job: Obj): unknown => {
    const template = (at(job, 'spec.template') ?? {}) as JsonMap
    if (!isOpen) return template
    const spec = { ...(template['spec'] as JsonMap) }
    for (const field of placing) delete spec[field]
    return spec
  }
  if (equalJson(shown(before), shown(after))) return []
  return [invalidValue('spec.template', at(after, 'spec.template'), immutable)]
}
