// One HTTP exchange over a Unix socket, ended by a signal at any moment.
import { Buffer } from 'node:buffer'
import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http'
import { ApiError, tooLarge } from '../model/errors.ts'
import { userOf, type Identity } from '../model/identity.ts'
import { formatBytes } from '../util/bytes.ts'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

export type ApiRequest = {
  verb: Verb
  path: string
  // What it is about, for messages: `secrets "shop/api"`.
  about: string
  // As whom; kubectl proxy sends its own credentials, and the API server asks whether they may impersonate it.
  as?: Identity
  accept?: string
  body?: unknown
  // Of the body; a plain object unless a patch says otherwise.
  contentType?: string
  timeoutMs?: number
  // Of the answer; enough for one object, unless a list says otherwise.
  maxBytes?: number
  signal?: AbortSignal | undefined
}

const methods: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
}

/** Resolves with the answer's head; the signal ends the reading of its body too. */
export async function exchange(
  request: ApiRequest,
  via: { agent: Agent; socketPath: string; signal: AbortSignal },
): Promise<IncomingMessage> {
  try {
    return await exchangeOnce(request, via)
  } catch (error) {
    // The other side closed a kept connection just as we took it up: for a read, that is no news.
    const isStale = (error as { wasReused?: boolean }).wasReused === true
    if (!isStale || methods[request.verb] !== 'GET' || via.signal.aborted) throw error
    return exchangeOnce(request, via)
  }
}

function exchangeOnce(
  { verb, path, as, body, accept, contentType }: ApiRequest,
  { agent, socketPath, signal }: { agent: Agent; socketPath: string; signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const request = httpRequest({
      socketPath,
      agent,
      path,
      method: methods[verb],
      headers: {
        host: 'localhost',
        accept: accept ?? 'application/json',
        'user-agent': 'helm-operator',
        ...(as && { 'impersonate-user': userOf(as) }),
        ...(content && {
          'content-type': contentType ?? 'application/json',
          // With a length, Go's reverse proxy looks for more after the last byte, and when a plain HTTP server has
          // answered by then, it drops the answer: "use of closed network connection".
          'transfer-encoding': 'chunked',
        }),
      },
    })
    const onAbort = (): void => void request.destroy(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    request.on('close', () => signal.removeEventListener('abort', onAbort))
    request.on('response', resolve)
    request.on('error', (error) =>
      reject(Object.assign(error, { wasReused: request.reusedSocket })),
    )
    request.end(content)
  })
}

/** The whole body as text. Throws ApiError TooLarge as soon as there is more than that, and reads no further. */
export async function readBody(
  answer: IncomingMessage,
  { verb, about, maxBytes }: Pick<ApiRequest, 'verb' | 'about'> & { maxBytes: number },
): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) {
      const state = `the answer of the API server is larger than ${formatBytes(maxBytes)}`
      throw new ApiError(0, tooLarge, `Cannot ${verb} ${about}: ${state}`)
    }
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}
