// CEL: expressions that people write into resources, checked once and evaluated within a budget. The language is that of
// @marcbachmann/cel-js; loops, concatenations and regular expressions go through ours, which count what they cost.
import { Environment, type ASTNode } from '@marcbachmann/cel-js'
import { BudgetError, createBudget, type Budget } from './budget.ts'
import { registerLists } from './lists.ts'
import { registerNetwork } from './network.ts'
import { registerQuantities } from './quantities.ts'
import { childrenOf, nodesIn, renderCounted, reserved } from './render.ts'
import { registerText } from './text.ts'

// What the check knows: the type of each variable, such as "list<string>", and the fields of the structs that they name;
// a struct comes after those that its fields name.
export type CelDeclarations = {
  variables: Readonly<Record<string, string>>
  structs?: readonly (readonly [name: string, fields: Readonly<Record<string, string>>])[]
}

/** Adds functions to an environment; what they cost is spent from the budget of the evaluation. */
export type CelLibrary = (environment: Environment, spend: Budget['spend']) => void

export type CelExpression = {
  // What the check inferred: "bool", "string", "dyn" and so on.
  type: string
  // Throws BudgetError, and Error for what cannot be evaluated.
  evaluate(variables: Readonly<Record<string, unknown>>, budget: Budget): unknown
}

const limits = {
  maxAstNodes: 5000,
  maxDepth: 100,
  maxListElements: 1000,
  maxMapEntries: 1000,
  maxCallArguments: 32,
}
const options = { enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits }
const renderedOptions = { ...options, limits: { ...limits, maxAstNodes: 100_000, maxDepth: 500 } }
const longestExpression = 10_000

export type CelCompiler = (text: string) => CelExpression

/**
 * Answers what makes a compiler of expressions over some variables. `declarations` are what the check knows of them; at
 * evaluation all are what they are: maps plain objects, whole numbers bigints. A compiler throws Error for an expression that
 * does not parse or does not fit the types.
 */
export function createCel(
  libraries: readonly CelLibrary[] = [],
): (declarations: CelDeclarations) => CelCompiler {
  let budget = createBudget(0)
  const spend = (steps: number): void => budget.spend(steps)
  const base = new Environment(renderedOptions)
  for (const register of [...standard, ...libraries]) register(base, spend)
  const parser = new Environment(options)
  const within = <T>(given: Budget, run: () => T): T => {
    const outer = budget
    budget = given
    try {
      return run()
    } catch (error) {
      throw error instanceof BudgetError ? error : new Error(firstLine(error))
    } finally {
      budget = outer
      // Loops take errors for answers; what was overspent is over for all of them.
      given.spend(0)
    }
  }
  return (declarations) => {
    const [typed, untyped] = declared(base, declarations)
    return (text) => {
      if (text.length > longestExpression)
        throw new Error(`the expression is longer than ${longestExpression} characters`)
      const { ast } = attempt(() => parser.parse(text))
      const rendered = renderCounted(ast)
      const { valid, type = 'dyn', error } = typed.check(rendered)
      if (!valid) throw new Error(firstLine(error))
      checkPresence(typed, ast)
      const cost = nodesIn(ast)
      const run = attempt(() => untyped.parse(rendered))
      return {
        type,
        evaluate: (variables, given) =>
          within(given, () => {
            spend(cost)
            return run(variables) as unknown
          }),
      }
    }
  }
}

function declared(
  base: Environment,
  { variables, structs = [] }: CelDeclarations,
): [typed: Environment, untyped: Environment] {
  const [typed, untyped] = [base.clone(), base.clone()]
  for (const [name, fields] of structs) {
    typed.registerType(name, { fields })
    typed.registerOperator(`${name} == ${name}`, Object.is)
  }
  for (const [name, type] of Object.entries(variables)) {
    typed.registerVariable(name, type)
    untyped.registerVariable(name, 'dyn')
  }
  return [typed, untyped]
}

function attempt<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new Error(firstLine(error))
  }
}

const standard: readonly CelLibrary[] = [
  registerCounters,
  registerText,
  registerLists,
  registerNetwork,
  registerQuantities,
]

// The first line names the problem; those below show the rendered expression, which nobody wrote.
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!
}

// A field that the types do not know cannot be present either.
function checkPresence(typed: Environment, node: ASTNode): void {
  if (node.op === 'call' && node.args[0] === 'has') {
    const [field] = node.args[1]
    if (field !== undefined && typed.hasVariable(rootOf(field))) {
      const { error } = typed.check(renderCounted(field))
      if (error?.message.startsWith('No such key')) throw new Error(firstLine(error))
    }
  }
  for (const child of childrenOf(node)) checkPresence(typed, child)
}

function rootOf(node: ASTNode): string {
  if (node.op === 'id') return node.args
  return node.op === '.' || node.op === '.?' ? rootOf(node.args[0]) : ''
}

function registerCounters(environment: Environment, spend: Budget['spend']): void {
  const keysOf = (items: unknown): unknown[] =>
    items instanceof Map ? [...items.keys()] : Object.keys(items as object)
  const spendLoop = (count: number, nodes: bigint): void => spend(count * Number(nodes))
  environment
    .registerFunction(`${reserved}items(A, int): A`, (items: unknown, nodes: bigint) => {
      spendLoop(sizeOf(items), nodes)
      return items
    })
    .registerFunction(`${reserved}sized(A): A`, (value: unknown) => {
      spend(typeof value === 'object' ? sizeOf(value) : Math.ceil(sizeOf(value) / 10))
      return value
    })
    .registerFunction(`${reserved}keys(A, int): list<dyn>`, (items: unknown, nodes: bigint) => {
      spendLoop(sizeOf(items), nodes)
      return Array.isArray(items) ? items.map((_, index) => BigInt(index)) : keysOf(items)
    })
    .registerFunction(
      `${reserved}zip(list<A>, list<B>): map<A, B>`,
      (keys: unknown[], values: unknown[]) => new Map(keys.map((key, at) => [key, values[at]])),
    )
}

/** How many items, members, characters or bytes a value has. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (value instanceof Map || value instanceof Set) return value.size
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}

/** A duration such as "1h30m" as expressions have it; throws Error for what is none. */
export function celDuration(text: string): unknown {
  return new Environment().registerVariable('text', 'string').evaluate('duration(text)', { text })
}
