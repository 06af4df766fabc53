// Everything there is of a resource, page by page, true of one moment.
import { ApiError, tooLarge } from '../model/errors.ts'
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
// A page of large objects is asked for in smaller ones, down to a single object.
const maxPageBytes = 32 * 1024 * 1024
// All of it at once, where the server cannot do it in pages.
const maxListBytes = 256 * 1024 * 1024
const metadataAccept =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** All pages as one list; of the objects only the metadata, if that is enough. Throws ApiError. */
export async function listAll(
  client: ApiClient,
  type: ResourceType,
  options: Listing = {},
): Promise<FullList> {
  try {
    return await listPages(client, type, options)
  } catch (error) {
    // The moment that the pages were true of is too long ago: take it all in one.
    if (!(error instanceof ApiError) || error.status !== 410) throw error
    const whole = await listPage(client, type, options, { maxBytes: maxListBytes })
    return { items: itemsOf(whole, type), resourceVersion: versionOf(whole) }
  }
}

type Listing = ListOptions & { metadataOnly?: boolean }

async function listPages(
  client: ApiClient,
  type: ResourceType,
  options: Listing,
): Promise<FullList> {
  const items: KubeObject[] = []
  let limit = pageSize
  for (let next: string | undefined; ;) {
    const query = { limit, continue: next }
    const page = await listPage(client, type, options, { ...query, maxBytes: maxPageBytes }).catch(
      (error: unknown) => {
        if (limit === 1 || !isTooLarge(error)) throw error
        return undefined
      },
    )
    // Large objects of one namespace stand side by side; behind them, pages grow again.
    limit = page === undefined ? Math.ceil(limit / 8) : Math.min(limit * 2, pageSize)
    if (page === undefined) continue
    items.push(...itemsOf(page, type))
    next = page.metadata?.continue
    if (!next) return { items, resourceVersion: versionOf(page) }
  }
}

async function listPage(
  client: ApiClient,
  type: ResourceType,
  options: Listing,
  { maxBytes, ...page }: Query & { maxBytes: number },
): Promise<Page> {
  return (await client.request({
    verb: 'list',
    path: resourcePath(type, place(options), { ...selectors(options), ...page }),
    about: describeList(type, options),
    maxBytes,
    ...(options.metadataOnly ? { accept: metadataAccept } : {}),
    signal: options.signal,
  })) as Page
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.reason === tooLarge
}

function itemsOf(page: Page, type: ResourceType): KubeObject[] {
  return (page.items ?? []).map((item) => complete(item, page, type))
}

function versionOf({ metadata }: Page): string {
  return metadata?.resourceVersion ?? ''
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
