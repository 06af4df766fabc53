// The Kubernetes API as the loop needs it: objects in, objects out, over one client.
import { ApiError } from '../model/errors.ts'
import type { Identity } from '../model/identity.ts'
import type { KubeObject } from '../model/json.ts'
import type { Cluster, ResourceType } from '../model/ports.ts'
import { impersonate, type ApiClient } from './client.ts'
import type { Discovery } from './discovery.ts'
import { dryRun } from './dry-run.ts'
import { listAll } from './list.ts'
import { resourceName, resourcePath } from './paths.ts'
import { createWatch, type WatchDeps } from './watch.ts'

type Ref = { name: string; namespace?: string }

const podType: ResourceType = { group: '', version: 'v1', plural: 'pods', namespaced: true }
// A kubelet that does not answer is no reason to wait: the log is only read to explain a failure.
const logTimeoutMs = 10_000

// Who managedFields says it was, rather than "node" or "kubectl".
const writer = { fieldManager: 'helm-operator' }
const patchTypes = { merge: 'application/merge-patch+json', json: 'application/json-patch+json' }

/** The cluster behind this client, as an identity sees it. What kinds there are is the same for all. */
export function createCluster(
  deps: WatchDeps & { discovery: Discovery },
  identity?: Identity,
): Cluster {
  const { discovery } = deps
  const client = impersonate(deps.client, identity)
  const write = writes(client)
  return {
    as: (other) => createCluster(deps, other),
    get: (type, name, namespace) => read(client, type, placeOf({ name, namespace })),
    list: (type, options) => listAll(client, type, options),
    create: write.create,
    update: write.update,
    patch: write.patch,
    remove: (type, ref) => remove(client, type, ref),
    dryRun: (type, wanted, signal) => dryRun(client, type, wanted, signal),
    logs: (pod, options) => readLog(client, pod, options),
    resourceFor: (apiVersion, kind) => discovery.resourceFor(apiVersion, kind),
    watch: createWatch({ ...deps, client }),
  }
}

function read(client: ApiClient, type: ResourceType, ref: Ref): Promise<KubeObject | undefined> {
  return client
    .request({ verb: 'get', path: resourcePath(type, ref), about: describe(type, ref) })
    .then(asObject, goneAsUndefined)
}

// A log is no JSON, and ends by itself where it is not followed.
async function readLog(
  client: ApiClient,
  pod: Ref,
  { container, lines, maxBytes }: { container: string; lines: number; maxBytes: number },
): Promise<string[]> {
  const query = { container, tailLines: lines, limitBytes: maxBytes }
  const path = resourcePath(podType, { ...pod, subresource: 'log' }, query)
  const about = `the log of ${describe(podType, pod)}`
  const read: string[] = []
  let bytes = 0
  for await (const line of client.lines({ verb: 'get', path, about, timeoutMs: logTimeoutMs })) {
    bytes += line.length
    // A server that keeps to the limit never comes as far as that.
    if (bytes > 2 * maxBytes) break
    read.push(line)
  }
  return read.filter((line) => line.trim() !== '').slice(-lines)
}

function writes(client: ApiClient): Pick<Cluster, 'create' | 'update' | 'patch'> {
  return {
    create: async (type, object) => {
      const { name, ...place } = placeOf(object.metadata)
      const about = describe(type, { name, ...place })
      const path = resourcePath(type, place, writer)
      return asObject(await client.request({ verb: 'create', path, about, body: object }))
    },
    update: async (type, object, subresource) => {
      const ref = placeOf(object.metadata)
      const path = resourcePath(type, { ...ref, ...part(subresource) }, writer)
      const about = describe(type, ref)
      return asObject(await client.request({ verb: 'update', path, about, body: object }))
    },
    patch: async (type, ref, { type: kind, body, subresource, signal }) => {
      const answer = await client.request({
        verb: 'patch',
        path: resourcePath(type, { ...ref, ...part(subresource) }, writer),
        about: describe(type, ref),
        body,
        contentType: patchTypes[kind],
        signal,
      })
      return asObject(answer)
    },
  }
}

async function remove(
  client: ApiClient,
  type: ResourceType,
  { uid, ...ref }: Ref & { uid?: string },
): Promise<KubeObject | undefined> {
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  }
  const path = resourcePath(type, ref)
  try {
    const about = describe(type, ref)
    return asObject(await client.request({ verb: 'delete', path, about, body }))
  } catch (error) {
    if (uid !== undefined && error instanceof ApiError && error.status === 409) {
      // The name may belong to another object by now: then ours is gone.
      const found = await read(client, type, ref)
      if (found?.metadata.uid !== uid) return undefined
    }
    return goneAsUndefined(error)
  }
}

function goneAsUndefined(error: unknown): undefined {
  if (error instanceof ApiError && error.status === 404) return undefined
  throw error
}

function asObject(answer: unknown): KubeObject {
  return answer as KubeObject
}

function placeOf({ name, namespace }: { name: string; namespace?: string | undefined }): Ref {
  return namespace === undefined ? { name } : { name, namespace }
}

function part(subresource: 'status' | undefined): { subresource?: string } {
  return subresource === undefined ? {} : { subresource }
}

function describe(type: ResourceType, { name, namespace }: Ref): string {
  return `${resourceName(type)} "${namespace === undefined ? '' : `${namespace}/`}${name}"`
}
