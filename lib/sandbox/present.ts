// How an answer looks on the wire: an object or a list as itself, as a Table, or with its metadata alone.
import { stringify } from 'yaml'
import type { View } from './accept.ts'
import { inVersion } from './convert.ts'
import { toTable, type IncludeObject } from './table.ts'
import type { Json, Obj, ResourceDefinition } from './types.ts'
import { apiVersionOf } from './names.ts'

export type Presenter = {
  object(stored: Obj): unknown
  list(objects: readonly Obj[], metadata: ListMeta): unknown
  // A watch repeats no column definitions after its first table.
  event(stored: Obj, first: boolean): unknown
}

export type ListMeta = { resourceVersion: string; continue?: string; remainingItemCount?: number }

/** Turns stored objects of one kind into what the client asked to see. */
export function createPresenter(options: {
  definition: ResourceDefinition
  view: View
  // Of the rows of a table.
  includeObject: IncludeObject
  now: () => number
}): Presenter {
  const { definition, view } = options
  if (view.as === 'Table') return tablePresenter(options)
  if (view.as?.startsWith('PartialObjectMetadata')) return metadataPresenter(definition, view)
  return {
    object: (stored) => inVersion(definition, stored),
    event: (stored) => inVersion(definition, stored),
    list: (objects, metadata) => ({
      kind: definition.listKind,
      apiVersion: apiVersionOf(definition),
      // Written without Go's types, which would leave out what is empty.
      metadata: definition.custom ? { continue: '', ...metadata } : metadata,
      items: objects.map((stored) => listed(definition, stored)),
    }),
  }
}

// In lists, a real server leaves out what the list's own kind says: of built-in kinds, not of custom ones.
function listed(definition: ResourceDefinition, stored: Obj): unknown {
  const object = inVersion(definition, stored)
  if (definition.custom) return object
  const { apiVersion: _, kind: __, ...rest } = object
  return rest
}

function tablePresenter(options: {
  definition: ResourceDefinition
  includeObject: IncludeObject
  now: () => number
}): Presenter {
  const { definition, includeObject } = options
  const table = (objects: readonly Obj[]): { [key: string]: Json } =>
    toTable({
      definition,
      objects: objects.map((stored) => inVersion(definition, stored)),
      includeObject,
      now: options.now(),
    }) as { [key: string]: Json }
  return {
    object: (stored) => table([stored]),
    list: (objects, metadata) => ({ ...table(objects), metadata }),
    event: (stored, first) => {
      const { resourceVersion } = stored.metadata
      const one = { ...table([stored]), metadata: { resourceVersion } }
      return first ? one : { ...one, columnDefinitions: null }
    },
  }
}

function metadataPresenter({ kind: _ }: ResourceDefinition, view: View): Presenter {
  const apiVersion = `meta.k8s.io/${view.version ?? 'v1'}`
  const partial = ({ metadata }: Obj): unknown => ({
    kind: 'PartialObjectMetadata',
    apiVersion,
    metadata,
  })
  return {
    object: partial,
    event: partial,
    list: (objects, metadata) => ({
      kind: 'PartialObjectMetadataList',
      apiVersion,
      metadata,
      items: objects.map(partial),
    }),
  }
}

/** An HTTP answer with a JSON or YAML body, and a Warning header for each sentence. */
export function respond(
  body: unknown,
  options: { status?: number; view?: View; warnings?: readonly string[] } = {},
): Response {
  const yaml = options.view?.format === 'yaml'
  const headers = new Headers({
    'content-type': yaml ? 'application/yaml' : 'application/json',
    'cache-control': 'no-cache, private',
  })
  for (const warning of options.warnings ?? [])
    headers.append('warning', `299 - ${JSON.stringify(warning)}`)
  const text = yaml ? stringify(body, { aliasDuplicateObjects: false }) : JSON.stringify(body)
  return new Response(text, { status: options.status ?? 200, headers })
}
