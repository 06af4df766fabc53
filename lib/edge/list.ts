// Everything there is of a resource, page by page, true of one moment.
import { ApiError } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import type { ListOptions, ResourceType } from '../model/ports.ts'
import type { ApiClient } from './client.ts'
import { apiVersionOf, resourceName, resourcePath, type Query } from './paths.ts'

export type FullList = { items: KubeObject[]; resourceVersion: string }
type Page = {
  kind?: string
  metadata?: { resourceVersion?: string; continue?: string }
  items?: KubeObject[] | null
}

const pageSize = 500
const metadataAccept =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** All pages as one list; of the objects only the metadata, if that is enough. Throws ApiError. */
export async function listAll(
  client: ApiClient,
  type: ResourceType,
  options: ListOptions & { metadataOnly?: boolean } = {},
): Promise<FullList> {
  try {
    return await listPages(client, type, options, pageSize)
  } catch (error) {
    // The moment that the pages were true of is too long ago: take it all in one.
    if (error instanceof ApiError && error.status === 410)
      return listPages(client, type, options, undefined)
    throw error
  }
}

async function listPages(
  client: ApiClient,
  type: ResourceType,
  options: ListOptions & { metadataOnly?: boolean },
  limit: number | undefined,
): Promise<FullList> {
  const items: KubeObject[] = []
  for (let next: string | undefined; ;) {
    const query: Query = { ...selectors(options), limit, continue: next }
    const page = (await client.request({
      verb: 'list',
      path: resourcePath(type, place(options), query),
      about: describeList(type, options),
      ...(options.metadataOnly ? { accept: metadataAccept } : {}),
      signal: options.signal,
    })) as Page
    for (const item of page.items ?? []) items.push(complete(item, page, type))
    next = page.metadata?.continue
    if (!next) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' }
  }
}

/** The part of a list's or watch's query that says which objects. */
export function selectors({ labelSelector, fieldSelector }: ListOptions): Query {
  return { labelSelector, fieldSelector }
}

export function place({ namespace }: ListOptions): { namespace?: string } {
  return namespace === undefined ? {} : { namespace }
}

/** `secrets in "shop"`, for messages. */
export function describeList(type: ResourceType, { namespace }: ListOptions): string {
  return `${resourceName(type)}${namespace === undefined ? '' : ` in "${namespace}"`}`
}

// Built-in kinds leave out in a list what every item of it has in common.
function complete(item: KubeObject, page: Page, type: ResourceType): KubeObject {
  return {
    ...item,
    apiVersion: item.apiVersion ?? apiVersionOf(type),
    kind: item.kind ?? page.kind?.replace(/List$/, '') ?? '',
  }
}
