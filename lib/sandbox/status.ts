// What the server answers instead of an object: Kubernetes' Status, and the errors it is made of, worded as a real server
// words them, because kubectl and helm show these sentences to people.
import { StatusError, type Cause, type Json, type Obj, type ResourceDefinition } from './types.ts'

export type { Cause }

/** The Status object of an error; anything but a StatusError is an internal error. */
export function statusOf(error: unknown): { [key: string]: Json } {
  if (!(error instanceof StatusError)) {
    const message = error instanceof Error ? error.message : String(error)
    return failure(500, 'InternalError', `Internal error occurred: ${message}`)
  }
  return failure(error.code, error.reason, error.message, error.details)
}

function failure(
  code: number,
  reason: string,
  message: string,
  details?: { [key: string]: Json },
): { [key: string]: Json } {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  }
}

/** The Status that a finished deletion answers. */
export function successOf(definition: ResourceDefinition, object: Obj): { [key: string]: Json } {
  const details = {
    ...whose(definition, object.metadata.name),
    ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
  }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

/** "deployments.apps", or "pods" in the core group: how messages and RBAC name a resource. */
export function qualified(definition: Pick<ResourceDefinition, 'plural' | 'group'>): string {
  return definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`
}

function whose(
  definition: Pick<ResourceDefinition, 'group' | 'plural'>,
  name: string,
): { [key: string]: Json } {
  return {
    name,
    ...(definition.group === '' ? {} : { group: definition.group }),
    kind: definition.plural,
  }
}

export function notFound(definition: ResourceDefinition, name: string): StatusError {
  const message = `${qualified(definition)} "${name}" not found`
  return new StatusError(404, 'NotFound', message, whose(definition, name))
}

export function alreadyExists(definition: ResourceDefinition, name: string): StatusError {
  const message = `${qualified(definition)} "${name}" already exists`
  return new StatusError(409, 'AlreadyExists', message, whose(definition, name))
}

const modified =
  'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(
  definition: Pick<ResourceDefinition, 'group' | 'plural'>,
  name: string,
  why: string = modified,
): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(definition)} "${name}": ${why}`
  return new StatusError(409, 'Conflict', message, whose(definition, name))
}

export function forbidden(
  definition: ResourceDefinition,
  name: string,
  why: string,
  causes?: readonly Cause[],
): StatusError {
  const message = `${qualified(definition)} "${name}" is forbidden: ${why}`
  const details = { ...whose(definition, name), ...listed(causes) }
  return new StatusError(403, 'Forbidden', message, details)
}

export function invalid(
  definition: Pick<ResourceDefinition, 'group' | 'kind'>,
  name: string,
  causes: readonly Cause[],
): StatusError {
  const sentences = causes.map(({ field, message }) => `${field}: ${message}`)
  const all = sentences.length === 1 ? sentences[0]! : `[${sentences.join(', ')}]`
  const suffix = definition.group === '' ? '' : `.${definition.group}`
  const details = {
    ...(name === '' ? {} : { name }),
    ...(definition.group === '' ? {} : { group: definition.group }),
    kind: definition.kind,
    ...listed(causes),
  }
  const message = `${definition.kind}${suffix} "${name}" is invalid: ${all}`
  return new StatusError(422, 'Invalid', message, details)
}

/** What is wrong with a request's own parameters: kind is "CreateOptions", "ListOptions" and the like. */
export function invalidOptions(kind: string, cause: Cause): StatusError {
  return invalid({ group: 'meta.k8s.io', kind }, '', [cause])
}

function listed(causes: readonly Cause[] | undefined): { [key: string]: Json } {
  if (causes === undefined || causes.length === 0) return {}
  return {
    causes: causes.map(({ reason, message, field }) => ({
      reason,
      message,
      ...(field === '' ? {} : { field }),
    })),
  }
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

/** The window of remembered changes has moved past what the client knows. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

/** A path that no resource serves. */
export function unserved(): StatusError {
  const message = 'the server could not find the requested resource'
  return new StatusError(404, 'NotFound', message, {})
}

/** A method that a path does not know. */
export function wrongMethod(): StatusError {
  const message = 'the server does not allow this method on the requested resource'
  return new StatusError(405, 'MethodNotAllowed', message, {})
}

/** A verb that a kind does not know. */
export function methodNotAllowed(definition: ResourceDefinition, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind "${qualified(definition)}"`
  return new StatusError(405, 'MethodNotAllowed', message, {
    ...(definition.group === '' ? {} : { group: definition.group }),
    kind: definition.plural,
  })
}
