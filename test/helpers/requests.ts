// Requests to a sandbox without a network: what a client would send and what it would read.
import type { Meta, Obj } from '../../lib/sandbox/types.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'

// Every field that some answer has; a test reads those that its request is answered with.
export type Body = {
  kind: string
  apiVersion: string
  message: string
  reason: string
  code: number
  details: { uid?: string; causes: { field: string; reason: string; message: string }[] }
  metadata: Meta & { continue?: string; remainingItemCount?: number }
  items: Obj[]
  data: Record<string, string>
  spec: Record<string, unknown>
  status: Record<string, unknown>
}

export type Answer = { status: number; headers: Headers; text: string; body: Body }

export type Client = {
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  delete(path: string, body?: unknown): Promise<Answer>
  patch(path: string, type: PatchType, body: unknown): Promise<Answer>
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}
export type PatchType = keyof typeof patchTypes

export function clientOf({ handle }: Pick<Sandbox, 'handle'>): Client {
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await handle(
      new Request(`http://sandbox${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'user-agent': 'tester/1.0', ...headers },
        ...(body === undefined
          ? {}
          : { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
      }),
    )
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').startsWith('application/json')
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json && text !== '' ? JSON.parse(text) : {}) as Body,
    }
  }
  return {
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    put: (path, body, headers) => send('PUT', path, body, headers),
    delete: (path, body) => send('DELETE', path, body),
    patch: (path, type, body) => send('PATCH', path, body, { 'content-type': patchTypes[type] }),
  }
}
