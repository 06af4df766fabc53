// How the contract speaks to an API server, whichever it is: requests and watches over one small interface.
import { Buffer } from 'node:buffer'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'

export type RequestOptions = {
  // Text and bytes go as they are, anything else as JSON.
  body?: unknown
  contentType?: string
  accept?: string
  headers?: RequestHeaders
}
// A list is a header that comes more than once.
export type RequestHeaders = Record<string, string | readonly string[]>
export type Reply = {
  status: number
  headers: Record<string, string>
  text: string
  // The parsed text if it is JSON.
  body: unknown
}
export type WatchEvent = { type: string; object: unknown }

export interface ContractClient {
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>
  // Ends when the server ends it or the reader stops reading.
  watch(path: string, accept?: string): AsyncGenerator<WatchEvent, void, undefined>
}

type Answer = {
  status: number
  headers: Record<string, string>
  chunks: AsyncIterable<Uint8Array>
  close(): void
}
type Send = (
  method: string,
  path: string,
  headers: RequestHeaders,
  body: Buffer | undefined,
) => Promise<Answer>

/** The sandbox, without a network between. */
export function inProcess({ handle }: Pick<Sandbox, 'handle'>): ContractClient {
  return clientOf(async (method, path, headers, body) => {
    const ended = new AbortController()
    const response = await handle(
      new Request(`http://sandbox${path}`, {
        method,
        headers: asHeaders(headers),
        signal: ended.signal,
        ...(body === undefined ? {} : { body }),
      }),
    )
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      chunks: (response.body ?? []) as AsyncIterable<Uint8Array>,
      close: () => ended.abort(),
    }
  })
}

function asHeaders(headers: RequestHeaders): Headers {
  const made = new Headers()
  for (const [name, values] of Object.entries(headers))
    for (const value of [values].flat()) made.append(name, value)
  return made
}

/** Any API server, through the socket of a kubectl proxy. */
export function throughSocket(socketPath: string): ContractClient {
  return clientOf(
    (method, path, headers, body) =>
      new Promise((resolve, reject) => {
        const sent = httpRequest({
          socketPath,
          path,
          method,
          headers: { host: 'localhost', ...(headers as Record<string, string | string[]>) },
        })
        sent.once('error', reject)
        sent.once('response', (incoming: IncomingMessage) =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(
              Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
            ),
            chunks: incoming,
            close: () => void incoming.destroy(),
          }),
        )
        sent.end(body)
      }),
  )
}

function clientOf(send: Send): ContractClient {
  return {
    async request(method, path, { body, contentType, accept, headers = {} } = {}) {
      const content = encode(body)
      const answer = await send(
        method,
        path,
        {
          accept: accept ?? 'application/json',
          'user-agent': 'contract/1.0',
          ...(content === undefined ? {} : headersOf(content, contentType)),
          ...headers,
        },
        content,
      )
      const parts: Uint8Array[] = []
      for await (const chunk of answer.chunks) parts.push(chunk)
      const text = Buffer.concat(parts).toString('utf8')
      const { status, headers: received } = answer
      // Some JSON is called text/plain.
      const json = text.startsWith('{')
      return { status, headers: received, text, body: json ? JSON.parse(text) : undefined }
    },
    async *watch(path, accept = 'application/json') {
      const answer = await send('GET', path, { accept, 'user-agent': 'contract/1.0' }, undefined)
      try {
        for await (const line of linesOf(answer.chunks)) {
          // A refused watch is answered like any other request, by a Status.
          const parsed = JSON.parse(line) as WatchEvent
          yield answer.status === 200 ? parsed : { type: `HTTP ${answer.status}`, object: parsed }
        }
      } finally {
        answer.close()
      }
    },
  }
}

// For DELETE, node:http does not say the length by itself.
function headersOf(content: Buffer, contentType = 'application/json'): Record<string, string> {
  return { 'content-type': contentType, 'content-length': String(content.length) }
}

function encode(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.from(JSON.stringify(body))
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8').trim()
      rest = rest.subarray(end + 1)
      if (line !== '') yield line
    }
  }
  const line = rest.toString('utf8').trim()
  if (line !== '') yield line
}
