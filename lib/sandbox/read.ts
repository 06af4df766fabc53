// Lists: which objects, as of which version, page by page.
import { Buffer } from 'node:buffer'
import { numberOf, type Ask } from './ask.ts'
import { inVersion } from './convert.ts'
import type { ListMeta } from './present.ts'
import { parseFieldSelector, parseLabelSelector, type Matcher } from './select.ts'
import { badRequest, expired, invalidOptions } from './status.ts'
import { firstNotBelow, keyOf, snapshotAt } from './store.ts'
import { StatusError, type Obj } from './types.ts'
import type { World } from './world.ts'

export type Selection = {
  matches: Matcher
  // Set when only one object can match.
  name?: string
  namespace?: string
}

/** What the path and the selectors of a request select. */
export function selectionOf({ query, path, definition }: Ask): Selection {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', definition)
  const namespace = path.namespace ?? fields?.namespace
  const name = path.name ?? fields?.name
  return {
    matches: (object) => {
      const { metadata } = object
      return (
        (namespace === undefined || metadata.namespace === namespace) &&
        (name === undefined || metadata.name === name) &&
        (labels === undefined || labels(object)) &&
        (fields === undefined || fields.matches(inVersion(definition, object)))
      )
    },
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  }
}

export type Page = { objects: readonly Obj[]; metadata: ListMeta }

/** One page of a list; throws StatusError 410 when the page's snapshot is forgotten. */
export function readList(world: World, ask: Ask): Page {
  const limit = numberOf(ask.query, 'limit') ?? 0
  const { version, start } = whereToStart(world, ask)
  const collection = world.store.collection(ask.definition)
  const selection = selectionOf(ask)
  const { keys, at } =
    version === undefined
      ? { keys: candidates(collection, selection), at: collection.at }
      : snapshotAt(collection, version)
  const objects: Obj[] = []
  let index = start === undefined ? 0 : firstNotBelow(keys, start)
  for (; index < keys.length && (limit === 0 || objects.length < limit); index++) {
    const object = at(keys[index]!)
    if (object !== undefined && selection.matches(object)) objects.push(object)
  }
  const resourceVersion = String(version ?? world.store.version)
  const rest = keys.slice(index).filter((key) => {
    const object = at(key)
    return object !== undefined && selection.matches(object)
  })
  if (rest.length === 0) return { objects, metadata: { resourceVersion } }
  const token = Buffer.from(JSON.stringify({ v: resourceVersion, start: rest[0] }))
  const counted = ask.query.get('labelSelector') || ask.query.get('fieldSelector')
  const metadata = {
    resourceVersion,
    continue: token.toString('base64url'),
    // As a real server, which would have to look through all objects to know it.
    ...(counted ? {} : { remainingItemCount: rest.length }),
  }
  return { objects, metadata }
}

function candidates(
  collection: { keys(namespace?: string): readonly string[] },
  { name, namespace }: Selection,
): readonly string[] {
  if (name !== undefined && namespace !== undefined) return [keyOf(namespace, name)]
  return collection.keys(namespace)
}

// A later page shows the same moment as the first; so does a list that asks for an exact version.
function whereToStart(world: World, { query }: Ask): { version?: number; start?: string } {
  const token = query.get('continue')
  if (token) return decodeToken(token)
  const resourceVersion = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch') ?? ''
  if (match !== '' && resourceVersion === '')
    throw wrongMatch('resourceVersionMatch is forbidden unless resourceVersion is provided')
  const version = reachedVersion(world, resourceVersion)
  if (match !== 'Exact' || version === undefined) return {}
  if (version === 0)
    throw wrongMatch('resourceVersionMatch "Exact" is forbidden for resourceVersion "0"')
  return { version }
}

function wrongMatch(why: string): StatusError {
  return invalidOptions('ListOptions', {
    field: 'resourceVersionMatch',
    reason: 'FieldValueForbidden',
    message: `Forbidden: ${why}`,
  })
}

function decodeToken(token: string): { version: number; start: string } {
  try {
    const { v, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as {
      v: string
      start: string
    }
    if (typeof start === 'string' && Number.isInteger(Number(v)))
      return { version: Number(v), start }
  } catch (error) {
    throw badRequest(
      `invalid continue token: continue key is not valid: ${(error as Error).message}`,
    )
  }
  throw badRequest('invalid continue token: continue key is not valid')
}

/** The version that a client names; undefined for none. Throws StatusError 400 for what is no version. */
export function readVersion(text: string): number | undefined {
  if (text === '') return undefined
  if (!/^\d+$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
    )
  return Number(text)
}

/** As readVersion(), but throws StatusError 504 for a version that is still to come. */
export function reachedVersion(world: World, text: string): number | undefined {
  const version = readVersion(text)
  if (version === undefined || version <= world.store.version) return version
  throw new StatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${version}, current: ${world.store.version}`,
    {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  )
}

export function tooOld(version: number, oldest: number): StatusError {
  return expired(`too old resource version: ${version} (${oldest})`)
}
