// Is a label selector well formed?
import { invalidValue, requiredValue } from '../causes.ts'
import { at, mapsAt, textAt, textsAt } from '../reading.ts'
import { isMap, type JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import { isLabelValue, isQualifiedName } from './syntax.ts'

/** Causes in a metav1.LabelSelector at `field`. */
export function selectorCauses(selector: unknown, field: string): Cause[] {
  return [
    ...labelCauses(at(selector, 'matchLabels'), `${field}.matchLabels`),
    ...mapsAt(selector, 'matchExpressions').flatMap((one, index) =>
      expressionCauses(one, `${field}.matchExpressions[${index}]`),
    ),
  ]
}

/** Causes in labels, or in a selector of labels alone. */
export function labelCauses(labels: unknown, field: string): Cause[] {
  return Object.entries(isMap(labels) ? labels : {}).flatMap(([key, value]) => [
    ...isQualifiedName(key).map((why) => invalidValue(field, key, why)),
    ...isLabelValue(String(value)).map((why) => invalidValue(field, value, why)),
  ])
}

function expressionCauses(expression: JsonMap, field: string): Cause[] {
  const [key, operator] = [textAt(expression, 'key'), textAt(expression, 'operator')]
  const hasValues = textsAt(expression, 'values').length > 0
  const causes: Cause[] = []
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be specified when `operator` is 'In' or 'NotIn'"
    if (!hasValues) causes.push(requiredValue(`${field}.values`, detail))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    if (hasValues)
      causes.push(invalidValue(`${field}.values`, textsAt(expression, 'values'), detail))
  } else causes.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'))
  return [...causes, ...isQualifiedName(key).map((why) => invalidValue(`${field}.key`, key, why))]
}
