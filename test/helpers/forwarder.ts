// A network between two programs that can be cut.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Forwarder = {
  port: number
  // Ends every connection and refuses new ones, until the returned function mends it.
  cut(): Promise<() => Promise<void>>
  // Ends every connection; new ones lead to another port.
  aim(target: number): void
  close(): Promise<void>
}

/** Forwards a free port of the loopback interface to another one. */
export async function openForwarder(first: number): Promise<Forwarder> {
  let target = first
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  })
  const open = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  await open(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    aim: (next) => {
      target = next
      for (const socket of sockets) socket.destroy()
    },
    cut: async () => {
      await shut()
      return () => open(port)
    },
    close: shut,
  }
}
