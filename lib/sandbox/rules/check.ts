// What is wrong with the rules of a schema when its CustomResourceDefinition comes?
import { invalidValue, requiredValue, unsupportedValue } from '../causes.ts'
import { textAt } from '../reading.ts'
import { childPath, isMap, listType, type JsonMap, type Schema } from '../schema.ts'
import type { Cause } from '../status.ts'
import { createRuleCompiler, RuleError, rulesAt, usesOldSelf, type RuleCompiler } from './rule.ts'

const reasons = [
  'FieldValueDuplicate',
  'FieldValueForbidden',
  'FieldValueInvalid',
  'FieldValueRequired',
]

/** Causes for every rule below a root schema that cannot be; `path` is where the schema stands. */
export function ruleCauses(schema: Schema, path: string): Cause[] {
  return causesAt({ schema, path, isRoot: true, isCorrelatable: true }, createRuleCompiler())
}

type Node = { schema: Schema; path: string; isRoot: boolean; isCorrelatable: boolean }

function causesAt(node: Node, compile: RuleCompiler): Cause[] {
  const { schema, path, isCorrelatable } = node
  const own = rulesAt(schema).flatMap((source, index) =>
    causesOf(node, source, { path: `${path}.x-kubernetes-validations[${index}]`, compile }),
  )
  const below = (one: unknown, at: string, stays: boolean): Cause[] =>
    isMap(one)
      ? causesAt({ schema: one as Schema, path: at, isRoot: false, isCorrelatable: stays }, compile)
      : []
  const { properties, items, additionalProperties } = schema
  return [
    ...own,
    ...Object.entries(isMap(properties) ? properties : {}).flatMap(([name, one]) =>
      below(one, `${path}.properties[${name}]`, isCorrelatable),
    ),
    ...below(items, childPath(path, 'items'), isCorrelatable && listType(schema).kind === 'map'),
    ...below(additionalProperties, childPath(path, 'additionalProperties'), isCorrelatable),
  ]
}

function causesOf(
  { schema, path: place, isRoot, isCorrelatable }: Node,
  source: JsonMap,
  { path, compile }: { path: string; compile: RuleCompiler },
): Cause[] {
  const [rule = '', message = '', reason = ''] = ['rule', 'message', 'reason'].map((name) =>
    textAt(source, name),
  )
  if (rule.trim() === '') return [requiredValue(`${path}.rule`, 'rule is not specified')]
  const causes: Cause[] = []
  if (message !== '' && message.trim() === '')
    causes.push(invalidValue(`${path}.message`, message, 'message must be non-empty if specified'))
  if (message.trim().includes('\n'))
    causes.push(invalidValue(`${path}.message`, message, 'message must not contain line breaks'))
  if (reason !== '' && !reasons.includes(reason))
    causes.push(unsupportedValue(`${path}.reason`, reason, reasons))
  if (usesOldSelf(rule) && !isCorrelatable) {
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.replace(/\.items.*$/, '')}`
    causes.push(invalidValue(`${path}.rule`, rule, detail))
  }
  try {
    compile(schema, source, isRoot)
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    causes.push(invalidValue(`${path}.${error.field}`, shownRule(source), error.message))
  }
  return causes
}

// As a server writes a rule that it refuses.
function shownRule(source: JsonMap): object {
  return {
    Rule: textAt(source, 'rule'),
    Message: textAt(source, 'message'),
    MessageExpression: textAt(source, 'messageExpression'),
    Reason: source['reason'] ?? null,
    FieldPath: textAt(source, 'fieldPath'),
    OptionalOldSelf: source['optionalOldSelf'] ?? null,
  }
}
