// What each case of the contract is given: a namespace of its own, paths into it, and ways to ask and to wait.
import * as assert from 'uvu/assert'
import { until, within } from '../helpers/until.ts'
import type { ContractClient, Reply, RequestHeaders, RequestOptions, WatchEvent } from './client.ts'

export type Scope = {
  client: ContractClient
  namespace: string
  // "/api/v1/namespaces/…/configmaps/a"; the group and version other than v1 come last.
  path(plural: string, name?: string, groupVersion?: string): string
  // Requests that must succeed answer the body; the status is asserted.
  get(path: string): Promise<unknown>
  post(path: string, body: unknown, options?: RequestOptions): Promise<unknown>
  put(path: string, body: unknown): Promise<unknown>
  patch(path: string, type: PatchType, body: unknown): Promise<unknown>
  remove(path: string, body?: unknown): Promise<unknown>
  // Requests that must fail answer the Status, after its code was asserted.
  refused(code: number, method: string, path: string, options?: RequestOptions): Promise<unknown>
  // Waits until the object at the path fits; answers it.
  waitFor(path: string, fits: (object: unknown) => boolean): Promise<unknown>
  waitUntilGone(path: string): Promise<void>
  // Waits until a GET is answered so: real servers learn of changed roles a moment late.
  waitForAnswer(status: number, path: string, options?: RequestOptions): Promise<unknown>
}
export type Case = { title: string; run: (scope: Scope) => Promise<void> }
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export const patchTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

// A real cluster with other work to do takes its time.
const patienceMs = 90_000

/** Runs one case in a namespace that is deleted afterwards. */
export async function inNamespace(client: ContractClient, one: Case): Promise<void> {
  const namespace = `contract-${Math.random().toString(36).slice(2, 10)}`
  const scope = createScope(client, namespace)
  await scope.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  try {
    await one.run(scope)
  } finally {
    await client.request('DELETE', `/api/v1/namespaces/${namespace}`)
  }
}

function createScope(client: ContractClient, namespace: string): Scope {
  const must = async (
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<unknown> => {
    const reply = await client.request(method, path, options)
    assert.ok(reply.status >= 200 && reply.status < 300, `${method} ${path}: ${describe(reply)}`)
    return reply.body
  }
  const scope: Scope = {
    client,
    namespace,
    path: (plural, name, groupVersion = 'v1') =>
      [rootOf(groupVersion), 'namespaces', namespace, plural, name].filter(Boolean).join('/'),
    get: (path) => must('GET', path),
    post: (path, body, options) => must('POST', path, { ...options, body }),
    put: (path, body) => must('PUT', path, { body }),
    patch: (path, type, body) => must('PATCH', path, { body, contentType: patchTypes[type] }),
    remove: (path, body) => must('DELETE', path, body === undefined ? {} : { body }),
    async refused(code, method, path, options) {
      const reply = await client.request(method, path, options)
      assert.is(reply.status, code, `${method} ${path}: ${describe(reply)}`)
      return reply.body
    },
    waitFor: (path, fits) =>
      until(
        `object at ${path}`,
        async () => {
          const reply = await client.request('GET', path)
          return reply.status === 200 && fits(reply.body) ? reply.body : undefined
        },
        patienceMs,
      ),
    waitForAnswer: async (status, path, options) => {
      const answered = async (): Promise<Reply | undefined> => {
        const reply = await client.request('GET', path, options)
        return reply.status === status ? reply : undefined
      }
      return (await until(`${status} for ${path}`, answered, patienceMs)).body
    },
    waitUntilGone: async (path) => {
      const gone = async (): Promise<boolean> => (await client.request('GET', path)).status === 404
      await until(`${path} to be gone`, gone, patienceMs)
    },
  }
  return scope
}

export const rbac = 'rbac.authorization.k8s.io/v1'

/** Options of a request that is made as somebody else. */
export function as(user: string, ...groups: string[]): { headers: RequestHeaders } {
  const group = groups.length === 0 ? {} : { 'impersonate-group': groups }
  return { headers: { 'impersonate-user': user, ...group } }
}

/** The path of a group and version: "/api/v1", "/apis/apps/v1". */
export function rootOf(groupVersion: string): string {
  return groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`
}

function describe({ status, text }: Reply): string {
  return `${status} ${text.slice(0, 400)}`
}

/** The value at "items/0/metadata/name"; undefined where there is nothing. */
export function at(value: unknown, path: string): unknown {
  let found = value
  for (const key of path.split('/')) found = (found as Record<string, unknown> | undefined)?.[key]
  return found
}

export function textAt(value: unknown, path: string): string {
  return String(at(value, path) ?? '')
}

export function listAt(value: unknown, path: string): unknown[] {
  return (at(value, path) as unknown[] | undefined) ?? []
}

/** Status and reason of a condition: "True MinimumReplicasAvailable". */
export function condition(object: unknown, type: string): string | undefined {
  const found = listAt(object, 'status/conditions').find((one) => at(one, 'type') === type)
  return found === undefined
    ? undefined
    : `${textAt(found, 'status')} ${textAt(found, 'reason')}`.trim()
}

/** Reads events of a watch until one of them ends it; fails when that takes too long. */
export async function collect(
  watch: AsyncGenerator<WatchEvent, void, undefined>,
  isLast: (event: WatchEvent) => boolean,
): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  const read = async (): Promise<WatchEvent[]> => {
    for (;;) {
      const next = await watch.next()
      if (next.done) return events
      events.push(next.value)
      if (isLast(next.value)) return events
    }
  }
  try {
    return await within(patienceMs, read(), () => `the watch said only ${JSON.stringify(events)}`)
  } finally {
    // Not awaited: a generator that waits for its next line ends only with it.
    void watch.return()
  }
}

export function configMap(name: string, more: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more }
}
