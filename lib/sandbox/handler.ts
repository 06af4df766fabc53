// The server as a function: a Request comes in, a Response goes out; whatever goes wrong becomes a Status object.
import { createAsk, type Ask } from './ask.ts'
import { createBodyDecoder, type BodyDecoder } from './body.ts'
import { answerGroup, answerGroups, answerResources } from './discovery.ts'
import { createDocuments } from './documents.ts'
import { respond } from './present.ts'
import type { Registry } from './registry.ts'
import { parseRoute, type ResourcePath } from './route.ts'
import { answerReview } from './reviews.ts'
import { statusOf, unserved, wrongMethod } from './status.ts'
import { answerSubresource } from './subresources.ts'
import type { ResourceDefinition } from './types.ts'
import { answerVerb, readObject } from './verbs.ts'
import type { World } from './world.ts'

type Server = {
  world: World
  decode: BodyDecoder
  answerDocument: (rest: string, request: Request) => Response
}

/** Answers every request the sandbox understands; never throws. */
export function createHandler(world: World): (request: Request) => Promise<Response> {
  const { registry } = world
  const server: Server = {
    world,
    decode: createBodyDecoder((apiVersion, kind) => {
      return registry.definitionOf({ apiVersion, kind })?.schema
    }),
    answerDocument: createDocuments(registry),
  }
  return async (request) => {
    try {
      return await answer(server, request)
    } catch (error) {
      const status = statusOf(error)
      return respond(status, { status: status['code'] as number })
    }
  }
}

async function answer(server: Server, request: Request): Promise<Response> {
  const url = new URL(request.url)
  const route = parseRoute(url.pathname)
  const { registry } = server.world
  switch (route.kind) {
    case 'resource':
      return answerResource(server, request, route.path)
    case 'groups':
      return answerGroups(registry, route.legacy, request)
    case 'group':
      return answerGroup(registry, route.group, request)
    case 'resources':
      return answerResources(registry, route, request)
    case 'version':
      return respond(serverVersion)
    case 'health':
      return new Response('ok', { headers: { 'content-type': 'text/plain; charset=utf-8' } })
    case 'openapi':
      return server.answerDocument(route.rest, request)
    case 'unknown':
      return nothing()
  }
}

async function answerResource(
  { world, decode }: Server,
  request: Request,
  path: ResourcePath,
): Promise<Response> {
  const definition = world.registry.find(path.group, path.version, path.plural)
  if (definition === undefined) {
    if (!servesVersion(world.registry, path)) return nothing()
    throw unserved()
  }
  const ask = createAsk({ request, path, definition, decode }, new URL(request.url).searchParams)
  if (path.subresource !== undefined) return answerSubresource(world, ask)
  return isReview(definition) ? review(ask) : answerVerb(world, ask)
}

// A group or version that nobody serves has nobody who could answer with a Status.
function nothing(): Response {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  return new Response('404 page not found\n', { status: 404, headers })
}

function servesVersion(registry: Registry, { group, version }: ResourcePath): boolean {
  return registry.all().some((one) => one.group === group && one.version === version)
}

function isReview({ custom, group }: ResourceDefinition): boolean {
  return !custom && (group === 'authentication.k8s.io' || group === 'authorization.k8s.io')
}

async function review(ask: Ask): Promise<Response> {
  if (ask.method !== 'POST') throw wrongMethod()
  return respond(answerReview(await readObject(ask)), { status: 201, view: ask.view })
}

const serverVersion = {
  major: '1',
  minor: '34',
  emulationMajor: '1',
  emulationMinor: '34',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '33',
  gitVersion: 'v1.34.2+sandbox',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2025-11-11T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'sandbox',
}
