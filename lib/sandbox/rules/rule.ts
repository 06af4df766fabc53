// A rule of x-kubernetes-validations, compiled.
import { celFormats } from './named-formats.ts'
import { createCel, type CelCompiler, type CelExpression } from '../../util/cel/environment.ts'
import { at, mapsAt, textAt } from '../reading.ts'
import type { JsonMap, Schema } from '../schema.ts'
import { declarationsOf } from './types.ts'

export type Rule = {
  text: string
  message: string
  messageExpression: CelExpression | undefined
  reason: string
  fieldPath: string
  // Compares with what was before: asked of updates alone, unless it takes the old value as optional.
  isTransition: boolean
  isOptional: boolean
  expression: CelExpression
}

export type RuleCompiler = (schema: Schema, source: JsonMap, isRoot: boolean) => Rule

/** What is wrong with a field of a rule. */
export class RuleError extends Error {
  override readonly name = 'RuleError'
  readonly field: 'rule' | 'messageExpression'

  constructor(field: RuleError['field'], message: string) {
    super(message)
    this.field = field
  }
}

/** Compiles rules of one kind. A compiler throws RuleError for a rule whose expressions do not fit the schema. */
export function createRuleCompiler(): RuleCompiler {
  const compilerOver = createCel([celFormats])
  return (schema, source, isRoot) => {
    const isOptional = at(source, 'optionalOldSelf') === true
    const compile = compilerOver(declarationsOf(schema, isRoot, isOptional))
    const text = textAt(source, 'rule')
    const messageText = textAt(source, 'messageExpression')
    const expression = compiled(compile, 'rule', text)
    if (expression.type !== 'bool' && expression.type !== 'dyn')
      throw new RuleError('rule', 'cel expression must evaluate to a bool')
    const messageExpression =
      messageText === '' ? undefined : compiled(compile, 'messageExpression', messageText)
    if (messageExpression !== undefined && !['string', 'dyn'].includes(messageExpression.type))
      throw new RuleError('messageExpression', 'messageExpression must evaluate to a string')
    return {
      text,
      message: textAt(source, 'message'),
      messageExpression,
      reason: textAt(source, 'reason') || 'FieldValueInvalid',
      fieldPath: textAt(source, 'fieldPath'),
      isTransition: usesOldSelf(text),
      isOptional,
      expression,
    }
  }
}

function compiled(compile: CelCompiler, field: RuleError['field'], text: string): CelExpression {
  try {
    return compile(text)
  } catch (error) {
    throw new RuleError(field, `compilation failed: ${serverWords((error as Error).message)}`)
  }
}

// What the package and Kubernetes say differently.
const words: readonly (readonly [RegExp, string])[] = [
  [/^No such key: (.*)$/, "undefined field '$1'"],
  [/^Unknown variable: (.*)$/, "undeclared reference to '$1' (in container '')"],
  [
    /^no such overload: (.+) (\S+) (.+)$/,
    "found no matching overload for '_$2_' applied to '($1, $3)'",
  ],
  [/^Cannot index type '(.*)'$/, "type '$1' does not support field selection"],
]

function serverWords(message: string): string {
  const [pattern, said] = words.find(([one]) => one.test(message)) ?? []
  return pattern === undefined || said === undefined ? message : message.replace(pattern, said)
}

/** Does a rule name the old value? Within quotes it would be a word like any other. */
export function usesOldSelf(text: string): boolean {
  return /\boldSelf\b/.test(text.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "''"))
}

/** The rules at a node of a schema, as they are written. */
export function rulesAt(schema: Schema): JsonMap[] {
  return mapsAt(schema, 'x-kubernetes-validations')
}
