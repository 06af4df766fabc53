// An API server in trouble: it stands before the real one and answers some requests as one that is overloaded, broken or hung.
import { createServer, request as forward, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// silent: the connection is taken, and nothing is ever said.
export type Fault = 429 | 500 | 503 | 'silent'
// The fault for a request, "GET /api/v1/…"; none lets it pass.
export type Decide = (asked: string) => Fault | undefined

export type FaultyFront = {
  port: number
  // Those that were met so far.
  faults: Fault[]
  close(): Promise<void>
}

/** Stands before the server at the target port of the loopback interface. */
export async function openFaultyFront(target: number, decide: Decide): Promise<FaultyFront> {
  const faults: Fault[] = []
  const server = createServer((request, response) => {
    const fault = decide(`${request.method} ${request.url}`)
    if (fault !== undefined) {
      faults.push(fault)
      return answerBadly(response, fault)
    }
    const { method, headers, url: path } = request
    const onward = forward({ host: '127.0.0.1', port: target, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    faults,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerBadly(response: ServerResponse, fault: Fault): void {
  if (fault === 'silent') return
  if (fault === 429) response.setHeader('retry-after', '1')
  const reason = { 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable' }[fault]
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code: fault }
  response.setHeader('content-type', 'application/json')
  response.writeHead(fault).end(JSON.stringify({ ...status, message: 'the server is in trouble' }))
}
