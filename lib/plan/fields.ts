// Reads members of Kubernetes objects that may be missing or of any type.
import { isMap } from '../util/merge.ts'

export type Condition = {
  type: string
  status: string
  reason: string
  message: string
  observedGeneration?: number
}

/** The value at a path of member names; undefined when there is none. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    object,
  )
}

export function numberAt(object: unknown, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path)
  return typeof value === 'number' ? value : undefined
}

export function textAt(object: unknown, ...path: readonly string[]): string {
  const value = valueAt(object, ...path)
  return typeof value === 'string' ? value : ''
}

export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path)
  return Array.isArray(value) ? value : []
}

/** One condition of status.conditions; undefined when the object does not have it. */
export function conditionOf(object: unknown, type: string): Condition | undefined {
  const found = listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type)
  if (found === undefined) return undefined
  const observedGeneration = numberAt(found, 'observedGeneration')
  return {
    type,
    status: textAt(found, 'status'),
    reason: textAt(found, 'reason'),
    message: textAt(found, 'message'),
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
  }
}

/** What a condition says, in as few words as it offers. */
export function wordsOf({ message, reason, type, status }: Condition): string {
  return message || reason || `${type} is ${status}`
}
