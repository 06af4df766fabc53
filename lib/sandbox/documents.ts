// /openapi: of v3, an index of documents, one for each group and version, whose addresses change with their contents; of v2,
// hardly anything.
import { digestOf, respondTagged } from './etag.ts'
import { apiVersionOf } from './names.ts'
import { openApiDocument } from './openapi.ts'
import { unserved } from './status.ts'
import { answerSwagger } from './swagger.ts'
import type { ResourceDefinition } from './types.ts'
import type { Registry } from './registry.ts'

type Written = { definitions: readonly ResourceDefinition[]; text: string; hash: string }

/** Answers what is below /openapi/; documents are written when first asked for, and again when their kinds change. */
export function createDocuments(registry: Registry): (rest: string, request: Request) => Response {
  const written = new Map<string, Written>()
  const write = (path: string, definitions: readonly ResourceDefinition[]): Written => {
    const known = written.get(path)
    if (known !== undefined && sameItems(known.definitions, definitions)) return known
    const { group, version } = definitions[0]!
    const text = JSON.stringify(openApiDocument(group, version, definitions))
    const fresh = { definitions, text, hash: digestOf(text) }
    written.set(path, fresh)
    return fresh
  }
  return (rest, request) => {
    if (rest === 'v2') return answerSwagger(request)
    if (rest === 'v3') return respondTagged(request, indexOf(byPath(registry), write))
    const path = rest.replace(/^v3\//, '')
    const definitions = rest.startsWith('v3/') ? byPath(registry).get(path) : undefined
    if (definitions === undefined) throw unserved()
    return answer(path, write(path, definitions), request)
  }
}

function sameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index])
}

function byPath(registry: Registry): Map<string, ResourceDefinition[]> {
  const paths = new Map<string, ResourceDefinition[]>()
  for (const one of registry.all()) {
    const path = `${one.group === '' ? 'api' : 'apis'}/${apiVersionOf(one)}`
    paths.set(path, [...(paths.get(path) ?? []), one])
  }
  return paths
}

function indexOf(
  paths: ReadonlyMap<string, readonly ResourceDefinition[]>,
  write: (path: string, definitions: readonly ResourceDefinition[]) => Written,
): object {
  const entries = [...paths].map(([path, definitions]) => [
    path,
    { serverRelativeURL: `/openapi/v3/${path}?hash=${write(path, definitions).hash}` },
  ])
  return { paths: Object.fromEntries(entries) as object }
}

// An address with the right hash never changes what it answers; without one, the client is told the right one.
function answer(path: string, { text, hash }: Written, request: Request): Response {
  const asked = new URL(request.url).searchParams.get('hash')
  if (asked !== null && asked !== hash)
    return new Response(null, {
      status: 301,
      headers: { location: `/openapi/v3/${path}?hash=${hash}` },
    })
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    etag: `"${hash}"`,
    vary: 'Accept',
    'cache-control': asked === null ? 'no-cache, private' : 'public, immutable',
  }
  const known = request.headers.get('if-none-match')?.includes(hash) === true
  return known ? new Response(null, { status: 304, headers }) : new Response(text, { headers })
}
