// The versions of one chart as a scan cuts them out of an index: fields of one line each, and lists of URLs. Reading these by
// line is fifty times faster than parsing YAML; everything else is left to the parser.
import { linesOf } from '../util/lines.ts'

type Item = { [field: string]: string | string[] }

const field = /^ *([a-z]+):(?: +(.*))?$/
const listItem = /^ *- +(.*)$/
const quoted = /^(?:"([^"\\]*)"|'([^']*)')$/
// Neither a mark of YAML in front, nor what ends a plain word within.
const plain = /^[^\s"'#,?:|>&*!%@`[\]{}-](?:[^#:]|:(?=\S)|(?<=\S)#)*$/

/** The items as maps of texts; undefined when a line is not of this form. */
export function readItems(block: string): Item[] | undefined {
  const items: Item[] = []
  let list: string[] | undefined
  for (const { line } of linesOf(block)) {
    if (line === '') continue
    if (line === '-') {
      items.push({})
      list = undefined
      continue
    }
    const item = items.at(-1)
    const [, text] = listItem.exec(line) ?? []
    if (text !== undefined) {
      const value = readScalar(text)
      if (list === undefined || value === undefined) return undefined
      list.push(value)
      continue
    }
    const [, name, rest = ''] = field.exec(line) ?? []
    if (item === undefined || name === undefined || Object.hasOwn(item, name)) return undefined
    list = rest === '' ? [] : undefined
    const value = list ?? readScalar(rest)
    if (value === undefined) return undefined
    item[name] = value
  }
  return items
}

function readScalar(text: string): string | undefined {
  const [match, double, single] = quoted.exec(text) ?? []
  if (match !== undefined) return double ?? single
  return plain.test(text) ? text : undefined
}
