// What is behind an object's subresources, other than its status: scale, log, eviction, binding, token, finalize.
import { isDryRun, type Ask } from './ask.ts'
import { mediaType, readBody } from './body.ts'
import { inVersion } from './convert.ts'
import { evictPod } from './evict.ts'
import { bodyPatch } from './patch.ts'
import { respond } from './present.ts'
import { readScale, scalePaths, writeScale } from './scale.ts'
import { extraSubresources } from './catalog.ts'
import { mapsAt, textAt } from './reading.ts'
import { badRequest, conflict, notFound, unserved, wrongMethod } from './status.ts'
import { StatusError, type Json, type Obj } from './types.ts'
import { issueToken } from './auth/identity/token-request.ts'
import { answerVerb, readObject, readOne, targetOf, writing } from './verbs.ts'
import { podLogs } from './workloads/logs.ts'
import type { World } from './world.ts'
import { updateObject } from './write.ts'

type Answer = (world: World, ask: Ask) => Response | Promise<Response>

const answers: Record<string, Answer> = {
  scale: answerScale,
  log: answerLog,
  eviction: answerEviction,
  binding: answerBinding,
  token: answerToken,
  finalize: answerFinalize,
  ephemeralcontainers: answerVerb,
  resize: answerVerb,
}

const processes = new Set(['exec', 'attach', 'portforward', 'proxy'])

/** Answers a request for a subresource; throws StatusError 404 for one that the kind does not have. */
export async function answerSubresource(world: World, ask: Ask): Promise<Response> {
  const { definition, path } = ask
  const name = path.subresource!
  if (name === 'status' && definition.subresources.includes('status'))
    return answerStatus(world, ask)
  if (processes.has(name) && !definition.custom)
    throw new StatusError(
      501,
      'NotImplemented',
      `Cannot ${name} ${definition.singular} "${path.name}": the sandbox runs no containers`,
    )
  const known =
    (name === 'scale' && definition.subresources.includes('scale')) ||
    extraSubresources(definition).some((one) => one.name === name)
  const answer = answers[name]
  if (!known || answer === undefined)
    throw definition.custom ? notFound(definition, path.name!) : unserved()
  return answer(world, ask)
}

const ofStatus = new Set(['GET', 'HEAD', 'PUT', 'PATCH'])

function answerStatus(world: World, ask: Ask): Promise<Response> {
  if (!ofStatus.has(ask.method)) throw wrongMethod()
  return answerVerb(world, ask)
}

async function answerScale(world: World, ask: Ask): Promise<Response> {
  const { definition, method, view } = ask
  const paths = scalePaths(world, definition)
  const object = inVersion(definition, readOne(world, ask))
  if (method === 'GET') return respond(readScale(paths, object), { view })
  if (method !== 'PUT' && method !== 'PATCH') throw wrongMethod()
  const sent = method === 'PUT' ? await readObject(ask) : undefined
  const bytes = method === 'PATCH' ? await readBody(ask.request) : undefined
  const change = (before: Obj): Obj => {
    const scale =
      sent ?? bodyPatch(undefined, mediaType(ask.request), readScale(paths, before), bytes!)
    return writeScale(paths, before, scale)
  }
  // Kubernetes writes through the scale subresource, which leaves the status alone as a plain update does.
  const scaled = updateObject(world, targetOf(ask), change, writing(ask))
  return respond(readScale(paths, scaled), { view })
}

function answerLog(world: World, ask: Ask): Response {
  const pod = readOne(world, ask)
  const container = ask.query.get('container') ?? undefined
  const previous = ask.query.get('previous') === 'true'
  if (container === undefined) requireOneContainer(pod)
  const text = podLogs(pod, container, previous)
  if (text === undefined)
    throw badRequest(`container ${container} is not valid for pod ${pod.metadata.name}`)
  const lines = text.split(/(?<=\n)/)
  const tail = Number(ask.query.get('tailLines') ?? lines.length)
  const shown = tail === 0 ? '' : lines.slice(-tail).join('')
  return new Response(shown, { headers: { 'content-type': 'text/plain' } })
}

// Of several containers, the client must choose.
function requireOneContainer({ metadata, spec }: Obj): void {
  const names = (list: string): string[] => mapsAt(spec, list).map((one) => textAt(one, 'name'))
  if (names('containers').length < 2) return
  const all = [...names('initContainers'), ...names('containers')].join(' ')
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${all}]`,
  )
}

async function answerEviction(world: World, ask: Ask): Promise<Response> {
  const eviction = await readObject(ask)
  evictPod(world, readOne(world, ask), eviction, isDryRun(ask))
  return respond(success, { status: 201 })
}

const success: { [key: string]: Json } = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
}

async function answerBinding(world: World, ask: Ask): Promise<Response> {
  const { target } = (await readObject(ask)) as Obj & { target?: { name?: string } }
  const nodeName = target?.name
  if (!nodeName) throw badRequest('target.name: Required value')
  const bind = (before: Obj): Obj => {
    const spec = before['spec'] as { nodeName?: string }
    if (spec.nodeName)
      throw conflict(
        ask.definition,
        before.metadata.name,
        `pod ${before.metadata.name} is already assigned to node "${spec.nodeName}"`,
      )
    return { ...before, spec: { ...spec, nodeName } }
  }
  updateObject(world, targetOf(ask), bind, writing(ask))
  return respond(success, { status: 201 })
}

async function answerToken(world: World, ask: Ask): Promise<Response> {
  const account = readOne(world, ask)
  return respond(issueToken(world, account, await readObject(ask)), { status: 201 })
}

async function answerFinalize(world: World, ask: Ask): Promise<Response> {
  const sent = await readObject(ask)
  const { finalizers = [] } = (sent['spec'] ?? {}) as { finalizers?: string[] }
  const finalize = (before: Obj): Obj => ({ ...before, spec: { finalizers } })
  return respond(updateObject(world, targetOf(ask), finalize, writing(ask)), { view: ask.view })
}
