// Which columns does kubectl see for a built-in kind, and who fills them in?
import { corePrinters } from './printers/core.ts'
import { otherPrinters } from './printers/others.ts'
import { podPrinters } from './printers/pods.ts'
import { name, parseColumns, printer, type Printer } from './printers/printer.ts'
import { workloadPrinters } from './printers/workloads.ts'
import type { Column } from './types.ts'

// What an API server prints of a kind it knows nothing about.
const plain = printer(
  'Name|Created At@',
  name,
  ({ metadata }) => metadata.creationTimestamp ?? null,
)

/** The printer of a built-in kind. */
export function printerOf(group: string, kind: string): Printer {
  const key = group === '' ? kind : `${kind}.${group}`
  const found = [podPrinters, workloadPrinters, corePrinters, otherPrinters].find((all) => all[key])
  return found?.[key] ?? plain
}

/** The columns of a built-in kind, as a table's columnDefinitions need them. */
export function builtinColumns(group: string, kind: string): Column[] {
  return parseColumns(printerOf(group, kind).columns)
}
