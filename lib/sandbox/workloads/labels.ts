// Whether labels satisfy the selector of an object (the structured kind, not the one in a query).
import type { LabelSelector, Requirement } from './shapes.ts'

type Labels = Readonly<Record<string, string>>

/** An empty selector selects everything, an absent one nothing. */
export function selects(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false
  const equal = Object.entries(selector.matchLabels ?? {}).every(([k, v]) => labels[k] === v)
  return equal && (selector.matchExpressions ?? []).every((one) => satisfies(one, labels))
}

/** In, NotIn, Exists, DoesNotExist, Gt and Lt, as selectors and node affinities use them. */
export function satisfies({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return Number(value) > Number(values[0])
    case 'Lt':
      return Number(value) < Number(values[0])
    default:
      return false
  }
}
