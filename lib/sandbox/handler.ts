// The server as a function: a Request comes in, a Response goes out; whatever goes wrong becomes a Status object.
import { createAsk, type Ask } from './ask.ts'
import { attributesOf } from './auth/rbac/attributes.ts'
import { authenticate } from './auth/identity/authenticate.ts'
import { impersonate } from './auth/identity/impersonate.ts'
import { checkAllowed } from './auth/rbac/authorize.ts'
import { answerReview } from './auth/rbac/reviews.ts'
import type { User } from './auth/identity/user.ts'
import { createBodyDecoder, type BodyDecoder } from './body.ts'
import { answerGroup, answerGroups, answerResources } from './discovery.ts'
import { createDocuments } from './documents.ts'
import { respond } from './present.ts'
import { acceptFields } from './fields.ts'
import type { Registry } from './registry.ts'
import { parseRoute, type ResourcePath } from './route.ts'
import { serverVersion } from './version.ts'
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

/** Answers every request the sandbox understands; never throws. `unnamed` is who sends a request without a credential. */
export function createHandler(
  world: World,
): (request: Request, unnamed: User) => Promise<Response> {
  const { registry } = world
  const server: Server = {
    world,
    decode: createBodyDecoder((apiVersion, kind) => {
      return registry.definitionOf({ apiVersion, kind })?.schema
    }),
    answerDocument: createDocuments(registry),
  }
  return async (request, unnamed) => {
    try {
      return await answer(server, request, unnamed)
    } catch (error) {
      const status = statusOf(error)
      return respond(status, { status: status['code'] as number })
    }
  }
}

async function answer(server: Server, request: Request, unnamed: User): Promise<Response> {
  const url = new URL(request.url)
  const route = parseRoute(url.pathname)
  if (route.kind === 'malformed') return malformed()
  const user = admit(server.world, request, url, unnamed)
  const { registry } = server.world
  switch (route.kind) {
    case 'resource':
      return answerResource(server, request, route.path, user)
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

// The user that the request is made as, if that user may make it; throws StatusError 401 and 403.
function admit(world: World, request: Request, url: URL, unnamed: User): User {
  const attributes = attributesOf(request.method, url)
  const sender = authenticate(world, request, unnamed)
  const user = impersonate(world, request, sender, attributes)
  checkAllowed(world, user, attributes)
  return user
}

async function answerResource(
  { world, decode }: Server,
  request: Request,
  path: ResourcePath,
  user: User,
): Promise<Response> {
  const definition = world.registry.find(path.group, path.version, path.plural)
  if (definition === undefined) {
    if (!servesVersion(world.registry, path)) return nothing()
    throw unserved()
  }
  const ask = createAsk(
    { request, path, definition, decode, user },
    new URL(request.url).searchParams,
  )
  if (path.subresource !== undefined) return answerSubresource(world, ask)
  return isReview(definition) ? review(world, ask) : answerVerb(world, ask)
}

// What HTTP itself does not allow is refused before anybody asks whose request it is.
function malformed(): Response {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  return new Response('400 Bad Request', { status: 400, headers })
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

async function review(world: World, ask: Ask): Promise<Response> {
  if (ask.method !== 'POST') throw wrongMethod()
  const { user, view } = ask
  const sent = acceptFields(ask, await readObject(ask))
  const asked = { world, review: sent, user, namespace: ask.path.namespace }
  return respond(answerReview(asked), { status: 201, view })
}
