// An SSH server for git repositories, in this process: it lets in one key and serves "git-upload-pack".
import { spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'

export type SshServer = {
  // ssh://git@127.0.0.1:port, to be followed by an absolute path.
  url: string
  knownHosts: string
  // The same, with the key of another host.
  impostor: string
  // A key that is let in, and one that is not.
  identity: string
  stranger: string
}

/** Runs `use` with a server on a free port of the loopback interface, which is gone afterwards. */
export async function withSshServer<T>(use: (server: SshServer) => Promise<T>): Promise<T> {
  const [host, other, identity, stranger] = [newSshKey(), newSshKey(), newSshKey(), newSshKey()]
  const connections = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    // Clients that do not like what they see hang up.
    connection.on('error', () => {})
    admit(connection, identity.public)
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec, reject, { command }) => {
        const path = repositoryOf(command)
        if (path === undefined) reject()
        else uploadPack(path, acceptExec())
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await use({
      url: `ssh://git@127.0.0.1:${port}`,
      knownHosts: `[127.0.0.1]:${port} ${host.public}\n`,
      impostor: `[127.0.0.1]:${port} ${other.public}\n`,
      identity: identity.private,
      stranger: stranger.private,
    })
  } finally {
    for (const connection of connections) connection.end()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

/** A pair of keys as ssh-keygen writes them; the private one is encrypted if there is a passphrase. */
export function newSshKey(passphrase?: string): { private: string; public: string } {
  if (passphrase === undefined) return ssh2.utils.generateKeyPairSync('ed25519')
  const cipher = { cipher: 'aes256-ctr', rounds: 16 }
  return ssh2.utils.generateKeyPairSync('ed25519', { passphrase, ...cipher })
}

function admit(connection: Connection, key: string): void {
  const allowed = ssh2.utils.parseKey(key)
  if (allowed instanceof Error) throw allowed
  connection.on('authentication', (context) => {
    const isOurs = context.method === 'publickey' && context.key.data.equals(allowed.getPublicSSH())
    if (!isOurs) return context.reject(['publickey'])
    // Without a signature the client only asks whether this key would do.
    const { blob, signature, hashAlgo } = context
    const isSigned = signature && blob && allowed.verify(blob, signature, hashAlgo) === true
    if (signature && !isSigned) return context.reject(['publickey'])
    context.accept()
  })
}

// Git quotes the path as a shell wants it.
function repositoryOf(command: string): string | undefined {
  return /^git-upload-pack '(.*)'$/.exec(command)?.[1]?.replaceAll("'\\''", "'")
}

function uploadPack(path: string, channel: ServerChannel): void {
  const config = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const program = spawn('git', ['upload-pack', path], {
    env: { PATH: process.env.PATH, ...config },
  })
  program.stdin.on('error', () => {})
  channel.pipe(program.stdin)
  program.stdout.pipe(channel, { end: false })
  program.stderr.pipe(channel.stderr, { end: false })
  program.on('close', (code) => {
    channel.exit(code ?? 1)
    channel.end()
  })
  channel.on('close', () => program.kill())
}
