// What each HTTP method does to a resource: get, list, watch, create, update, patch, delete, deletecollection.
import { isDryRun, isTrue, managerOf, type Ask } from './ask.ts'
import { mediaType, readBody } from './body.ts'
import { misplacedMetadata } from './decode.ts'
import { deleteOptionsOf } from './delete-options.ts'
import { acceptFields } from './fields.ts'
import { patchObject } from './patch.ts'
import { createPresenter, respond, type Presenter } from './present.ts'
import { reachedVersion, readList } from './read.ts'
import { deleteObject, isJob } from './remove.ts'
import { badRequest, invalid, notFound, successOf, wrongMethod } from './status.ts'
import { isMap } from './schema.ts'
import type { IncludeObject } from './table.ts'
import type { Obj } from './types.ts'
import { streamWatch, watchOf } from './watch.ts'
import { apiVersionOf } from './names.ts'
import { type Target, type World, type WriteOptions } from './world.ts'
import { createObject, updateObject } from './write.ts'

/** Answers a request for a resource or for the status of one. */
export async function answerVerb(world: World, ask: Ask): Promise<Response> {
  const verb = verbOf(ask)
  if (verb === undefined || !ask.definition.verbs.includes(verb)) throw wrongMethod()
  switch (verb) {
    case 'get':
      return answer(ask, presenterOf(world, ask).object(readOne(world, ask)))
    case 'list':
      return list(world, ask)
    case 'watch':
      return watch(world, ask)
    case 'create':
      return create(world, ask)
    case 'update':
      return update(world, ask)
    case 'patch':
      return patch(world, ask)
    case 'delete':
      return remove(world, ask)
    default:
      return removeAll(world, ask)
  }
}

function verbOf({ method, path, query }: Ask): string | undefined {
  const named = path.name !== undefined
  if (method === 'GET' || method === 'HEAD')
    return isTrue(query.get('watch')) ? 'watch' : named ? 'get' : 'list'
  if (method === 'POST') return named ? undefined : 'create'
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection'
  if (!named) return undefined
  return method === 'PUT' ? 'update' : method === 'PATCH' ? 'patch' : undefined
}

/** The object that the path names; throws StatusError 404. */
export function readOne(world: World, { definition, path, query }: Ask): Obj {
  reachedVersion(world, query.get('resourceVersion') ?? '')
  const found = world.store.collection(definition).get(path.namespace, path.name!)
  if (found === undefined) throw notFound(definition, path.name!)
  return found
}

function presenterOf(world: World, { definition, view, query }: Ask): Presenter {
  return createPresenter({
    definition,
    view,
    includeObject: includeObjectOf(query),
    now: () => world.clock.now(),
  })
}

function includeObjectOf(query: URLSearchParams): IncludeObject {
  const word = query.get('includeObject') || 'Metadata'
  if (word === 'None' || word === 'Metadata' || word === 'Object') return word
  throw badRequest(
    `includeObject: Invalid value: "${word}": must be 'Metadata', 'Object', 'None', or empty`,
  )
}

function answer(ask: Ask, body: unknown, status = 200): Response {
  return respond(body, { status, view: ask.view, warnings: ask.warnings })
}

function list(world: World, ask: Ask): Response {
  const { objects, metadata } = readList(world, ask)
  return answer(ask, presenterOf(world, ask).list(objects, metadata))
}

function watch(world: World, ask: Ask): Response {
  const stream = streamWatch(
    world,
    watchOf(world, ask, presenterOf(world, ask)),
    ask.request.signal,
  )
  return new Response(stream, {
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-cache, private',
      'transfer-encoding': 'chunked',
    },
  })
}

async function create(world: World, ask: Ask): Promise<Response> {
  const { definition, path } = ask
  const sent = acceptFields(ask, await readObject(ask))
  const object = createObject(world, { definition, namespace: path.namespace }, sent, writing(ask))
  return answer(ask, presenterOf(world, ask).object(object), 201)
}

async function update(world: World, ask: Ask): Promise<Response> {
  const sent = acceptFields(ask, await readObject(ask))
  checkVersioned(ask, sent)
  const object = updateObject(world, targetOf(ask), () => sent, writing(ask))
  return answer(ask, presenterOf(world, ask).object(object))
}

// Kinds that, like custom ones, take no update from somebody who does not say what he has seen.
const versioned = new Set([
  ...['customresourcedefinitions', 'apiservices', 'leases', 'poddisruptionbudgets'],
  ...['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'runtimeclasses'],
  ...['csidrivers', 'csinodes', 'volumeattachments'],
])

function checkVersioned({ definition, path }: Ask, { metadata }: Obj): void {
  const { custom, group, plural } = definition
  if (metadata.resourceVersion || !(custom || versioned.has(plural))) return
  throw invalid({ group, kind: plural }, path.name!, [
    {
      field: 'metadata.resourceVersion',
      reason: 'FieldValueInvalid',
      message: 'Invalid value: 0: must be specified for an update',
    },
  ])
}

async function patch(world: World, ask: Ask): Promise<Response> {
  const bytes = await readBody(ask.request)
  const { object, created } = patchObject(world, ask, {
    target: targetOf(ask),
    type: mediaType(ask.request),
    body: bytes,
    options: writing(ask),
  })
  return answer(ask, presenterOf(world, ask).object(object), created ? 201 : 200)
}

export function targetOf({ definition, path }: Ask): Target {
  return { definition, namespace: path.namespace, name: path.name! }
}

/** How this request writes: as whom, and whether it is a rehearsal. */
export function writing(ask: Ask): WriteOptions {
  const { subresource } = ask.path
  return {
    manager: managerOf(ask),
    dryRun: isDryRun(ask),
    caller: { user: ask.user, name: ask.path.name ?? '' },
    ...(subresource === undefined ? {} : { subresource }),
  }
}

async function bodyOf({ request, decode, duplicates }: Ask): Promise<unknown> {
  return decode(await readBody(request), mediaType(request), duplicates)
}

/** The object in the body, with the kind and version of the path where it names none. */
export async function readObject(ask: Ask): Promise<Obj> {
  const { definition, path } = ask
  const body = await bodyOf(ask)
  const untyped = `the object provided is unrecognized (must be of type ${definition.kind}): couldn't get version/kind`
  if (!isMap(body)) throw badRequest(untyped)
  const { apiVersion, kind, metadata = {} } = body
  for (const [field, word] of Object.entries({ apiVersion, kind }))
    if (word !== undefined && word !== null && typeof word !== 'string')
      throw badRequest(
        `${untyped}; json parse error: json: cannot unmarshal ${typeof word} into Go struct field .${field} of type string`,
      )
  const isOwnKind = path.subresource === undefined || path.subresource === 'status'
  if (definition.custom && isOwnKind && !kind)
    throw badRequest(`${untyped}: Object 'Kind' is missing`)
  if (metadata !== null && !isMap(metadata)) throw misplacedMetadata(definition, metadata)
  return {
    ...body,
    apiVersion: (apiVersion as string) || (definition.custom ? '' : apiVersionOf(definition)),
    kind: (kind as string) || definition.kind,
    metadata: { ...metadata } as Obj['metadata'],
  }
}

// Kinds whose deletion has always answered with the object instead of a Status.
const answersObject = new Set([
  ...['pods', 'services', 'serviceaccounts', 'podtemplates', 'resourcequotas'],
  ...['persistentvolumes', 'persistentvolumeclaims', 'storageclasses', 'volumeattachments'],
  ...['csidrivers', 'csinodes'],
])

async function remove(world: World, ask: Ask): Promise<Response> {
  const { definition } = ask
  const body = await bodyOf(ask)
  const options = deleteOptionsOf(ask, body)
  if (isJob(definition) && options.propagationPolicy === undefined)
    ask.warnings.push(
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    )
  const { object, gone } = deleteObject(world, targetOf(ask), options)
  if (!gone || (!definition.custom && answersObject.has(definition.plural)))
    return answer(ask, presenterOf(world, ask).object(object))
  return answer(ask, successOf(definition, object))
}

async function removeAll(world: World, ask: Ask): Promise<Response> {
  const { definition } = ask
  const body = await bodyOf(ask)
  const options = deleteOptionsOf(ask, body)
  const { objects, metadata } = readList(world, ask)
  for (const { metadata: one } of objects)
    deleteObject(world, { definition, namespace: one.namespace, name: one.name }, options)
  return answer(ask, presenterOf(world, ask).list(objects, metadata))
}
