// What a table of a built-in kind looks like: its columns in shorthand, and a row for one object.
import type { Column, Json, Obj } from '../types.ts'

/** Columns are separated by bars; "*" is shown with -o wide only, "#" is an integer, "?" a boolean, "@" a date. */
export type Printer = { columns: string; cells: (object: Obj, now: number) => Json[] }

const types: Record<string, string> = { '#': 'integer', '?': 'boolean', '@': 'date' }

/** The columns a printer's shorthand stands for. */
export function parseColumns(columns: string): Column[] {
  return columns.split('|').map((text) => {
    const name = text.replace(/[*#?@]+$/, '')
    const type = types[/[#?@]/.exec(text)?.[0] ?? ''] ?? 'string'
    return { name, type, ...(text.endsWith('*') && { priority: 1 }) }
  })
}
