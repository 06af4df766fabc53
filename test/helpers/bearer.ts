// A door to an API server that sends a bearer token with every request: kubectl and helm send none over plain HTTP.
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'

export type BearerDoor = { url: string; close(): Promise<void> }

/** Opens a free port of the loopback interface; whoever comes through it is the token's owner. */
export async function openBearerDoor(target: string, token: string): Promise<BearerDoor> {
  const server = createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${token}` }
    const onward = forward(
      `${target}${request.url}`,
      { method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        // A watch that has nothing to tell yet has begun all the same.
        response.flushHeaders()
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
