// The versions of one chart as a scan cuts them out of an index: fields of one line each, and lists of URLs. Reading these by
// line is fifty times faster than parsing YAML; everything else is left to the parser.
import { linesOf } from '../util/lines.ts'

type Item = { [field: string]: string | string[] }

const field = /^( +)([a-z]+):(?: +(.*))?$/
const listItem = /^( +)- +(.*)$/
const quoted = /^(?:"([^"\\]*)"|'([^']*)')$/
// Neither a mark of YAML in front, nor what ends a plain word within.
const plain = /^[^\s"'#,?:|>&*!%@`[\]{}-](?:[^#:]|:(?=\S)|(?<=\S)#)*$/

type Reading = {
  items: Item[]
  // Of the fields of the item that is being read, and of the URLs in it.
  indent?: number
  list?: { urls: string[]; indent?: number }
}

/** The items as maps of texts; undefined when a line is not of this form. */
export function readItems(block: string): Item[] | undefined {
  const reading: Reading = { items: [] }
  for (const { line } of linesOf(block)) {
    if (line === '') continue
    if (line === '-') {
      reading.items.push({})
      delete reading.indent
      delete reading.list
    } else if (!readListItem(reading, line) && !readField(reading, line)) return undefined
  }
  return reading.items
}

function readListItem({ list, indent = 0 }: Reading, line: string): boolean {
  const [, spaces = '', text] = listItem.exec(line) ?? []
  const value = text === undefined ? undefined : readScalar(text)
  if (list === undefined || value === undefined) return false
  list.indent ??= spaces.length
  if (spaces.length !== list.indent || list.indent < indent) return false
  list.urls.push(value)
  return true
}

function readField(reading: Reading, line: string): boolean {
  const [, spaces = '', name, rest = ''] = field.exec(line) ?? []
  const item = reading.items.at(-1)
  if (item === undefined || name === undefined || Object.hasOwn(item, name)) return false
  reading.indent ??= spaces.length
  if (spaces.length !== reading.indent) return false
  delete reading.list
  // Anything else with nothing behind the colon is null, which the parser of YAML tells.
  if (rest === '' && name !== 'urls') return false
  if (rest === '') reading.list = { urls: [] }
  const value = reading.list?.urls ?? readScalar(rest)
  if (value === undefined) return false
  item[name] = value
  return true
}

function readScalar(text: string): string | undefined {
  const [match, double, single] = quoted.exec(text) ?? []
  if (match !== undefined) return double ?? single
  return plain.test(text) ? text : undefined
}
