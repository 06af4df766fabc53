// One request to the API server, over the socket of kubectl proxy: JSON in and out, every failure an ApiError.
// Patient where the server asks for it (429), and never with more connections at once than it is given.
import { Buffer } from 'node:buffer'
import { Agent, type IncomingMessage } from 'node:http'
import { ApiError, tooLarge } from '../model/errors.ts'
import type { Identity } from '../model/identity.ts'
import type { Clock } from '../model/ports.ts'
import { createLineSplitter } from '../util/splitter.ts'
import { apiFailure, unreachable } from './apifailure.ts'
import { openDeadline } from './deadline.ts'
import { exchange, readBody, type ApiRequest, type Verb } from './exchange.ts'

export type ApiClient = {
  // The answer's JSON. Throws ApiError; status 0 stands for no answer at all.
  request(request: ApiRequest): Promise<unknown>
  // The lines of an answer that does not end, at the reader's pace.
  lines(request: ApiRequest & { timeoutMs: number }): AsyncGenerator<string, void, undefined>
  close(): void
}

export type ClientOptions = {
  // The socket of a proxy that is serving; waits while it is being started again.
  socket: (signal: AbortSignal) => Promise<string>
  clock: Clock
  // Called once for each answer or failure.
  onRequest?: (verb: Verb, status: number) => void
}

// Enough to keep the server busy, few enough to leave it to others; watches are not counted among them.
const maxConnections = 16
const defaultTimeoutMs = 30_000
const maxRetries = 4
// What etcd keeps of an object is a tenth of it; aggregated APIs may answer with anything.
const maxObjectBytes = 16 * 1024 * 1024

/** A client of the API server behind the socket. */
export function createClient(options: ClientOptions): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections })
  const watchAgent = new Agent({ keepAlive: false })
  const send = async (request: ApiRequest, via: Agent, signal: AbortSignal) => {
    try {
      const socketPath = await options.socket(signal)
      const answer = await exchange(request, { agent: via, socketPath, signal })
      options.onRequest?.(request.verb, answer.statusCode ?? 0)
      return answer
    } catch (error) {
      options.onRequest?.(request.verb, 0)
      throw unreachable(request, error, signal)
    }
  }
  return {
    request: async (request) => {
      const deadline = openDeadline(request.signal, request.timeoutMs ?? defaultTimeoutMs)
      const { signal } = deadline
      try {
        for (let attempt = 0; ; attempt++) {
          const answer = await send(request, agent, signal)
          const text = await readAll(request, answer, signal)
          const waitMs = attempt < maxRetries ? retryAfterMs(answer) : undefined
          if (waitMs === undefined) return parseAnswer(request, answer, text)
          await options.clock.sleep(waitMs, signal).catch((error: unknown) => {
            throw unreachable(request, error, signal)
          })
        }
      } finally {
        deadline.close()
      }
    },
    lines: (request) => readLines(request, (signal) => send(request, watchAgent, signal)),
    close: () => {
      agent.destroy()
      watchAgent.destroy()
    },
  }
}

/** The same client, making each request as this identity. */
export function impersonate(client: ApiClient, as: Identity): ApiClient {
  if (as === undefined) return client
  return {
    ...client,
    request: (request) => client.request({ ...request, as }),
    lines: (request) => client.lines({ ...request, as }),
  }
}

async function readAll(
  request: ApiRequest,
  answer: IncomingMessage,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { verb, about, maxBytes = maxObjectBytes } = request
    return await readBody(answer, { verb, about, maxBytes })
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable(request, error, signal)
  }
}

// The server asks to come back later, and has done nothing yet.
function retryAfterMs(answer: IncomingMessage): number | undefined {
  const seconds = Number(answer.headers['retry-after'])
  const isRefusal = answer.statusCode === 429 || answer.statusCode === 503
  return isRefusal && seconds >= 0 ? Math.min(seconds, 10) * 1_000 : undefined
}

function parseAnswer(request: ApiRequest, answer: IncomingMessage, text: string): unknown {
  const status = answer.statusCode ?? 0
  if (status >= 400) throw apiFailure(request, status, text)
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw unreachable(request, new Error('the answer is not JSON', { cause: error }))
  }
}

async function* readLines(
  request: ApiRequest & { timeoutMs: number },
  send: (signal: AbortSignal) => Promise<IncomingMessage>,
): AsyncGenerator<string, void, undefined> {
  const deadline = openDeadline(request.signal, defaultTimeoutMs)
  const { signal } = deadline
  try {
    const answer = await send(signal)
    if ((answer.statusCode ?? 0) >= 400)
      throw apiFailure(request, answer.statusCode ?? 0, await readAll(request, answer, signal))
    deadline.restart(request.timeoutMs, 'it is silent')
    yield* splitAnswer(request, answer, signal)
  } finally {
    deadline.close()
    // A reader that stops reading ends the request.
    deadline.abort()
  }
}

async function* splitAnswer(
  request: ApiRequest,
  answer: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const splitter = createLineSplitter(maxObjectBytes, () => {
    throw new ApiError(0, tooLarge, `Cannot ${request.verb} ${request.about}: a line is too long`)
  })
  try {
    for await (const chunk of answer) yield* splitter.push(chunk as Buffer)
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable(request, error, signal)
  }
  yield* splitter.end()
}
