// Writes an expression anew, so that what it costs is counted: loops say over how many items they go before they begin,
// concatenations how much they make, and what the package would do without bounds is done by functions of ours.
import { serialize, type ASTNode } from '@marcbachmann/cel-js'

// Names no expression may use itself.
export const reserved = '_cel_'
const loops = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])
const indexed = new Set(['all', 'exists', 'existsOne', 'transformList', 'transformMap'])
const bounded = new Set(['matches', 'join', 'replace'])

/** The text of the expression with its costs counted. */
export function renderCounted(node: ASTNode): string {
  switch (node.op) {
    case 'value':
      return serialize(node)
    case 'id':
      return node.args
    case '.':
    case '.?':
      return `${operand(node.args[0])}${node.op}${node.args[1]}`
    case '[]':
      return `${operand(node.args[0])}[${renderCounted(node.args[1])}]`
    case '[?]':
      return `${operand(node.args[0])}[?${renderCounted(node.args[1])}]`
    case 'call':
      return `${node.args[0]}(${list(node.args[1])})`
    case 'rcall':
      return renderMethod(node.args[0], node.args[1], node.args[2])
    case 'list':
      return `[${list(node.args)}]`
    case 'map':
      return `{${node.args.map((pair) => pair.map(renderCounted).join(': ')).join(', ')}}`
    case '?:':
      return `${operand(node.args[0])} ? ${operand(node.args[1])} : ${operand(node.args[2])}`
    case '!_':
    case '-_':
      return `${node.op[0]}${operand(node.args)}`
    case '+':
      return node.args.map((one) => `${reserved}sized(${renderCounted(one)})`).join(' + ')
    default:
      return node.args.map(operand).join(` ${node.op} `)
  }
}

const atoms = new Set(['value', 'id', '.', '.?', '[]', '[?]', 'call', 'rcall', 'list', 'map'])

function operand(node: ASTNode): string {
  const text = renderCounted(node)
  return atoms.has(node.op) && !text.startsWith('-') ? text : `(${text})`
}

function list(nodes: readonly ASTNode[]): string {
  return nodes.map(renderCounted).join(', ')
}

function renderMethod(name: string, receiver: ASTNode, args: readonly ASTNode[]): string {
  if (indexed.has(name) && isIndexed(name, args)) return renderIndexed(name, receiver, args)
  if (loops.has(name) && args.length >= 2)
    return `${counted(receiver, args)}.${name === 'existsOne' ? 'exists_one' : name}(${list(args)})`
  // The package cannot tell what an optional value is compared with, unless it is told that it may be anything.
  if (name === 'value' && args.length === 0) return `dyn(${operand(receiver)}.value())`
  return `${operand(receiver)}.${bounded.has(name) ? reserved : ''}${name}(${list(args)})`
}

// Two variables before the expression: the index or key, and the value.
function isIndexed(name: string, [first, second, ...rest]: readonly ASTNode[]): boolean {
  return (
    first?.op === 'id' &&
    second?.op === 'id' &&
    rest.length >= 1 &&
    rest.length <= (name.startsWith('transform') ? 2 : 1)
  )
}

function counted(receiver: ASTNode, args: readonly ASTNode[]): string {
  return `${reserved}items(${renderCounted(receiver)}, ${args.reduce((sum, one) => sum + nodesIn(one), 0)})`
}

// The package knows loops of one variable: over the keys, with the value bound at each.
function renderIndexed(name: string, receiver: ASTNode, args: readonly ASTNode[]): string {
  const [key, value, ...bodies] = args.map(renderCounted) as [string, string, ...string[]]
  const from = renderCounted(receiver)
  const cost = args.reduce((sum, one) => sum + nodesIn(one), nodesIn(receiver))
  const keys = `${reserved}keys(${from}, ${cost})`
  const bound = (body: string): string => `cel.bind(${value}, (${from})[${key}], ${body})`
  const step = bound(bodies.at(-1)!)
  if (!name.startsWith('transform'))
    return `${keys}.${name === 'existsOne' ? 'exists_one' : name}(${key}, ${step})`
  const kept = bodies.length === 2 ? `${keys}.filter(${key}, ${bound(bodies[0]!)})` : keys
  const made = `${kept}.map(${key}, ${step})`
  return name === 'transformList' ? made : `${reserved}zip(${kept}, ${made})`
}

/** How many nodes an expression has. */
export function nodesIn(node: ASTNode): number {
  return 1 + childrenOf(node).reduce((sum, child) => sum + nodesIn(child), 0)
}

/** The nodes right below. */
export function childrenOf({ args }: ASTNode): ASTNode[] {
  const found: ASTNode[] = []
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect)
    else if (typeof value === 'object' && value !== null && 'op' in value)
      found.push(value as ASTNode)
  }
  collect(args)
  return found
}
