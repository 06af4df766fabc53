// What an update may not change about a pod, by the subresource that it goes through.
import { forbiddenValue, invalidValue } from '../causes.ts'
import { equalJson } from '../equal.ts'
import { qosClass } from '../qos.ts'
import { at, mapsAt, textAt } from '../reading.ts'
import type { JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'

/** What of a pod an update through a subresource takes over: the part that the subresource is for. */
export function podUpdate(before: Obj, sent: Obj, subresource: string | undefined): Obj {
  const [old, spec] = [before['spec'], sent['spec']] as [JsonMap, JsonMap]
  switch (subresource) {
    case 'ephemeralcontainers':
      return { ...sent, spec: { ...old, ephemeralContainers: spec['ephemeralContainers'] } }
    case 'resize':
      return { ...sent, spec: { ...old, ...resized(old, spec) } }
    default:
      return sent
  }
}

function resized(old: JsonMap, spec: JsonMap): JsonMap {
  const result: JsonMap = {}
  for (const list of ['containers', 'initContainers'])
    if (old[list] !== undefined)
      result[list] = mapsAt(old, list).map((container) => {
        const name = textAt(container, 'name')
        const wanted = mapsAt(spec, list).find((one) => textAt(one, 'name') === name)
        return wanted === undefined ? container : { ...container, resources: wanted['resources'] }
      })
  return result
}

/** What the update changes that it may not. */
export function podUpdateCauses(before: Obj, after: Obj, subresource: string | undefined): Cause[] {
  if (subresource === 'ephemeralcontainers') return ephemeralCauses(before, after)
  if (subresource === 'resize') return resizeCauses(before, after)
  // A binding says where the pod runs, and nothing else.
  if (subresource === 'binding') return []
  for (const list of ['initContainers', 'containers'])
    if (mapsAt(before, `spec.${list}`).length !== mapsAt(after, `spec.${list}`).length)
      return [forbiddenValue(`spec.${list}`, 'pod updates may not add or remove containers')]
  const causes = [
    ...deadlineCauses(before, after),
    ...tolerationCauses(before, after),
    ...gateCauses(before, after),
  ]
  return causes.length > 0 ? causes : restCauses(before, after)
}

function ephemeralCauses(before: Obj, after: Obj): Cause[] {
  const field = 'spec.ephemeralContainers'
  return mapsAt(before, field).flatMap((old) => {
    const name = textAt(old, 'name')
    const now = mapsAt(after, field).find((one) => textAt(one, 'name') === name)
    if (equalJson(old, now)) return []
    const what = now === undefined ? 'removed' : 'changed'
    return [forbiddenValue(field, `existing ephemeral containers "${name}" may not be ${what}`)]
  })
}

function resizeCauses(before: Obj, after: Obj): Cause[] {
  const classOf = (pod: Obj): string =>
    qosClass(mapsAt(pod, 'spec.containers') as Parameters<typeof qosClass>[0])
  if (classOf(before) === classOf(after)) return []
  const detail = 'Pod QOS Class may not change as a result of resizing'
  return [invalidValue('spec', classOf(after), detail)]
}

function deadlineCauses(before: Obj, after: Obj): Cause[] {
  const field = 'spec.activeDeadlineSeconds'
  const [old, now] = [at(before, field), at(after, field)]
  if (typeof old !== 'number') return []
  if (typeof now !== 'number')
    return [invalidValue(field, undefined, 'must not update from a positive integer to nil value')]
  return now <= old
    ? []
    : [invalidValue(field, now, 'must be less than or equal to previous value')]
}

function tolerationCauses(before: Obj, after: Obj): Cause[] {
  const field = 'spec.tolerations'
  const bare = ({ tolerationSeconds: _, ...rest }: JsonMap): JsonMap => rest
  const now = mapsAt(after, field).map(bare)
  const kept = mapsAt(before, field).every((old) => now.some((one) => equalJson(one, bare(old))))
  if (kept) return []
  return [
    forbiddenValue(field, 'existing toleration can not be modified except its tolerationSeconds'),
  ]
}

function gateCauses(before: Obj, after: Obj): Cause[] {
  const field = 'spec.schedulingGates'
  const known = mapsAt(before, field).map((gate) => textAt(gate, 'name'))
  return mapsAt(after, field)
    .map((gate) => textAt(gate, 'name'))
    .filter((name) => !known.includes(name))
    .map((name) =>
      forbiddenValue(field, `only deletion is allowed, but found new scheduling gate '${name}'`),
    )
}

const changeable = ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']
// While a gate holds a pod back, where it may run can still be narrowed.
const changeableBehindGates = ['nodeSelector', 'affinity']
const fields =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

function restCauses(before: Obj, after: Obj): Cause[] {
  const isGated = mapsAt(before, 'spec.schedulingGates').length > 0
  const open = [...changeable, ...(isGated ? changeableBehindGates : [])]
  const fixed = (pod: Obj): JsonMap => {
    const spec = { ...(pod['spec'] as JsonMap) }
    for (const field of open) delete spec[field]
    for (const list of ['containers', 'initContainers'])
      spec[list] = mapsAt(spec, list).map(({ image: _, ...rest }) => rest)
    return spec
  }
  if (equalJson(fixed(before), fixed(after))) return []
  return [forbiddenValue('spec', `pod updates may not change fields other than ${fields}`)]
}
