// Which columns does kubectl see for a built-in kind, and who fills them in?
import { parseColumns, type Printer } from './printers/printer.ts'
import type { Column } from './types.ts'

const printers: Record<string, Printer> = {}

// What an API server prints of a kind it knows nothing about.
const plain: Printer = {
  columns: 'Name|Created At@',
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null],
}

/** The printer of a built-in kind. */
export function printerOf(group: string, kind: string): Printer {
  return printers[group === '' ? kind : `${kind}.${group}`] ?? plain
}

/** The columns of a built-in kind, as a table's columnDefinitions need them. */
export function builtinColumns(group: string, kind: string): Column[] {
  return parseColumns(printerOf(group, kind).columns)
}
