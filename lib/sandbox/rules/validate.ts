// Does an object of a custom kind keep the rules that its schema has in CEL?
import { BudgetError, createBudget, type Budget } from '../../util/cel/budget.ts'
import { cause, duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../causes.ts'
import { equalJson } from '../equal.ts'
import { childPath, isMap, itemSchema, memberSchema, type Schema } from '../schema.ts'
import { sameItems } from '../structural.ts'
import type { Cause, ResourceDefinition } from '../types.ts'
import { createRuleCompiler, rulesAt, type Rule } from './rule.ts'
import { celValue } from './types.ts'
import { Optional } from '@marcbachmann/cel-js'

export type RuleChecker = NonNullable<ResourceDefinition['rules']>

// What all rules of a kind may cost for one write: below half a second.
const mostSteps = 1_000_000

/** Checks objects by the rules in a kind's schema, which are compiled when they are first needed. */
export function createRuleChecker(schema: Schema): RuleChecker {
  const compiled = new Map<Schema, readonly Rule[]>()
  const compile = createRuleCompiler()
  const rulesOf = (node: Schema): readonly Rule[] => {
    const known = compiled.get(node)
    if (known !== undefined) return known
    const rules = rulesAt(node).map((source) => compile(node, source, node === schema))
    compiled.set(node, rules)
    return rules
  }
  return (object, before) => {
    const budget = createBudget(mostSteps)
    const found: Cause[] = []
    try {
      visit({ rulesOf, budget, found }, { schema, value: object, old: before, path: '' })
    } catch (error) {
      if (!(error instanceof BudgetError)) throw error
    }
    return found
  }
}

/** Has a schema any rules in CEL? */
export function hasRules(schema: Schema | undefined): boolean {
  if (schema === undefined) return false
  if (rulesAt(schema).length > 0) return true
  const { properties, items, additionalProperties } = schema
  const below = [...Object.values(isMap(properties) ? properties : {}), items, additionalProperties]
  return below.some((one) => isMap(one) && hasRules(one as Schema))
}

type Run = { rulesOf: (node: Schema) => readonly Rule[]; budget: Budget; found: Cause[] }
type Place = { schema: Schema; value: unknown; old: unknown; path: string }

function visit(run: Run, place: Place): void {
  const { schema, value, old, path } = place
  if (value === undefined || value === null) return
  for (const rule of run.rulesOf(schema)) check(run, place, rule)
  if (Array.isArray(value)) {
    const items = itemSchema(schema)
    if (items === undefined) return
    const before = sameItems(schema, old)
    for (const [index, item] of value.entries())
      visit(run, { schema: items, value: item, old: before(item), path: `${path}[${index}]` })
  } else if (isMap(value)) {
    const known = isMap(old) ? old : {}
    for (const [name, member] of Object.entries(value)) {
      const below = memberSchema(schema, name)
      if (below === undefined) continue
      const at = isMap(schema['properties']) ? childPath(path, name) : `${path}[${name}]`
      visit(run, { schema: below, value: member, old: known[name], path: at })
    }
  }
}

function check({ budget, found }: Run, { schema, value, old, path }: Place, rule: Rule): void {
  const hasOld = old !== undefined && old !== null
  if (rule.isTransition && !hasOld && !rule.isOptional) return
  const self = celValue(schema, value)
  const before = hasOld ? celValue(schema, old) : undefined
  const oldSelf = rule.isOptional
    ? before === undefined
      ? Optional.none()
      : Optional.of(before)
    : (before ?? null)
  const variables = { self, oldSelf }
  const typeName = String(schema['type'] ?? 'object')
  const at = rule.fieldPath === '' ? path : placeBelow(path, rule.fieldPath)
  try {
    if (rule.expression.evaluate(variables, budget) === true) return
    // What was wrong before and has not changed is left alone; a comparison with the past is not.
    if (!rule.isTransition && hasOld && equalJson(old, value)) return
    found.push(causeOf(rule, at, value, messageOf(rule, variables, budget)))
  } catch (error) {
    const why = runtimeWords((error as Error).message)
    if (error instanceof BudgetError) {
      const suffix =
        'no further validation rules will be run due to call cost exceeds limit for rule'
      found.push(
        invalidValue(path, typeName, `call cost exceeds limit for rule: ${rule.text}: ${suffix}`),
      )
      throw error
    }
    if (!rule.isTransition && hasOld && equalJson(old, value)) return
    found.push(
      invalidValue(at, typeName, `${why} evaluating rule: ${rule.message || rule.text.trim()}`),
    )
  }
}

// What the package and Kubernetes say differently about values.
function runtimeWords(message: string): string {
  return message
    .replace(/^No such key: index out of bounds, index (-?\d+).*$/, 'index out of bounds: $1')
    .replace(/^No such key/, 'no such key')
}

function placeBelow(path: string, fieldPath: string): string {
  return path === '' ? fieldPath.replace(/^\./, '') : `${path}${fieldPath}`
}

function messageOf(rule: Rule, variables: Record<string, unknown>, budget: Budget): string {
  const plain = rule.message || `failed rule: ${rule.text.trim()}`
  if (rule.messageExpression === undefined) return plain
  try {
    const made = rule.messageExpression.evaluate(variables, budget)
    // An answer that nobody could read is none.
    return typeof made === 'string' && made.trim() !== '' && !made.includes('\n') ? made : plain
  } catch (error) {
    if (error instanceof BudgetError) throw error
    return plain
  }
}

function causeOf({ reason }: Rule, path: string, value: unknown, message: string): Cause {
  // Objects and lists are not shown.
  const isShown = typeof value !== 'object'
  switch (reason) {
    case 'FieldValueRequired':
      return requiredValue(path, message)
    case 'FieldValueForbidden':
      return forbiddenValue(path, message)
    case 'FieldValueDuplicate':
      return isShown ? duplicateValue(path, value) : cause(path, reason, 'Duplicate value')
    default:
      return isShown
        ? invalidValue(path, value, message)
        : cause(path, reason, `Invalid value: ${message}`)
  }
}
