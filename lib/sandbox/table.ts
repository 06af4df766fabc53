// How does a list of objects look as a table, the form in which kubectl asks for everything it prints?
import { printerOf } from './columns.ts'
import { findByJsonPath } from './jsonpath.ts'
import { sinceText } from './printers/printer.ts'
import type { Column, Json, Obj, ResourceDefinition } from './types.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** A meta.k8s.io/v1 Table; the list's own metadata is the caller's to add. `now` is in milliseconds. */
export function toTable(options: {
  definition: ResourceDefinition
  objects: readonly Obj[]
  includeObject: IncludeObject
  now: number
}): { [key: string]: Json } {
  const { definition, objects, includeObject, now } = options
  const cells = definition.custom ? customCells(definition) : builtinCells(definition)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: columnDefinitions(definition),
    rows: objects.map((object) => ({
      cells: cells(object, now),
      object: included(object, includeObject),
    })),
  }
}

/** The columns, as they stand at the head of a table. */
export function columnDefinitions({ custom, columns }: ResourceDefinition): Json[] {
  const all = custom ? [{ name: 'Name', type: 'string' }, ...columns] : columns
  return all.map((column: Column & { format?: string }) => ({
    name: column.name,
    type: column.type,
    format: column.format ?? (column.name === 'Name' ? 'name' : ''),
    description: column.description ?? '',
    priority: column.priority ?? 0,
  }))
}

type Cells = (object: Obj, now: number) => Json[]

function builtinCells({ group, kind }: ResourceDefinition): Cells {
  const { cells } = printerOf(group, kind)
  return (object, now) => cells.map((cell) => cell(object, now))
}

function customCells({ columns }: ResourceDefinition): Cells {
  return (object, now) => [
    object.metadata.name,
    ...columns.map((column) => {
      const [value] = findByJsonPath(column.jsonPath ?? '', object)
      return value === undefined ? null : customCell(column.type, value, now)
    }),
  ]
}

// A cell of another type than its column's is left empty, as a wrong number would be worse.
function customCell(type: string, value: unknown, now: number): Json {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}

function dateCell(value: string, now: number): string {
  return Number.isNaN(Date.parse(value)) ? '<invalid>' : sinceText(value, now)
}

function included(object: Obj, include: IncludeObject): Json {
  if (include === 'None') return null
  if (include === 'Object') return object as unknown as Json
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata as unknown as Json,
  }
}
