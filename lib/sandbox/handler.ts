// The server as a function: a Request comes in, a Response goes out; whatever goes wrong becomes a Status object.
import { createAsk } from './ask.ts'
import { answerGroup, answerGroups, answerResources } from './discovery.ts'
import { respond } from './present.ts'
import { parseRoute, type ResourcePath } from './route.ts'
import { statusOf, unserved } from './status.ts'
import { answerVerb } from './verbs.ts'
import type { World } from './world.ts'

/** Answers every request the sandbox understands; never throws. */
export function createHandler(world: World): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(world, request)
    } catch (error) {
      const status = statusOf(error)
      return respond(status, { status: status['code'] as number })
    }
  }
}

async function answer(world: World, request: Request): Promise<Response> {
  const url = new URL(request.url)
  const route = parseRoute(url.pathname)
  const { registry } = world
  switch (route.kind) {
    case 'resource':
      return answerResource(world, request, url, route.path)
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
    case 'unknown':
      throw unserved()
  }
}

async function answerResource(
  world: World,
  request: Request,
  url: URL,
  path: ResourcePath,
): Promise<Response> {
  const definition = world.registry.find(path.group, path.version, path.plural)
  if (definition === undefined) throw unserved()
  return answerVerb(world, createAsk(request, url, path, definition))
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
