// Git repositories made for a test, and real servers for them: smart HTTP through git http-backend, SSH through sshd.
import { spawn } from 'node:child_process'
import { Buffer } from 'node:buffer'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { findOnPath } from '../../lib/edge/lookup.ts'
import { writeTree, type ChartFiles } from './charts.ts'
import { until } from './until.ts'
import { withWebServer, type Certificate, type WebServer } from './webserver.ts'

export type GitRepository = {
  path: string
  // file://
  url: string
  git(...args: string[]): Promise<string>
  // Writes files, removes those that are null, commits; answers the commit.
  commit(files: Record<string, string | null>): Promise<string>
}

// Nobody's own configuration has a say in this.
const run = createRunner({
  env: {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'test',
    GIT_AUTHOR_EMAIL: 'test@example.test',
    GIT_COMMITTER_NAME: 'test',
    GIT_COMMITTER_EMAIL: 'test@example.test',
  },
})

/** An empty repository with a branch "main" that allows partial clones. */
export async function createRepository(path: string): Promise<GitRepository> {
  await mkdir(path, { recursive: true })
  const git = async (...args: string[]): Promise<string> =>
    (await run(['git', '-C', path, ...args])).stdout.trim()
  await git('init', '--quiet', '--initial-branch=main')
  await git('config', 'uploadpack.allowFilter', 'true')
  return {
    path,
    url: `file://${path}`,
    git,
    commit: async (files) => {
      const gone = Object.keys(files).filter((name) => files[name] === null)
      if (gone.length > 0) await git('rm', '--quiet', '-r', '--', ...gone)
      const kept = Object.entries(files).filter((entry) => entry[1] !== null)
      await writeTree(path, Object.fromEntries(kept) as ChartFiles)
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '--message=change')
      return await git('rev-parse', 'HEAD')
    },
  }
}

/** Puts a path before every file's. */
export function below(path: string, files: ChartFiles): ChartFiles {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${path}/${name}`, text]))
}

/** Serves the repositories of a directory at http(s)://…/<name>/.git, to "ann" if she knows the password. */
export async function withGitHttp<T>(
  root: string,
  use: (server: WebServer) => Promise<T>,
  { password, tls }: { password?: string | (() => string); tls?: Certificate } = {},
): Promise<T> {
  return await withWebServer(
    (request, response) => {
      const pair = Buffer.from(
        request.headers.authorization?.slice('Basic '.length) ?? '',
        'base64',
      )
      const wanted = typeof password === 'function' ? password() : password
      if (wanted === undefined || String(pair) === `ann:${wanted}`)
        return answerByCgi(root, request, response)
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    },
    use,
    tls,
  )
}

function answerByCgi(root: string, ...[request, response]: Parameters<RequestListener>): void {
  const url = new URL(request.url ?? '/', 'http://x')
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      // Tests may run as another user than the one that owns the temporary directory.
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'],
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(backend.stdin)
  backend.stdin.on('error', () => {})
  const chunks: Buffer[] = []
  backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  backend.on('close', () => {
    const whole = Buffer.concat(chunks)
    const end = whole.indexOf('\r\n\r\n')
    for (const line of whole.subarray(0, end).toString().split('\r\n')) {
      const [, name = '', value = ''] = /^([^:]+): (.*)$/.exec(line) ?? []
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value, 10)
      else if (name !== '') response.setHeader(name, value)
    }
    response.end(whole.subarray(end + 4))
  })
}

export type SshServer = {
  // ssh://user@127.0.0.1:port, to be followed by an absolute path.
  url: string
  knownHosts: string
  // A key that is let in, and one that is not.
  identity: string
  stranger: string
}

/** Runs `use` with an sshd of its own, which lets in one key. */
export async function withSshd<T>(
  directory: string,
  use: (server: SshServer) => Promise<T>,
): Promise<T> {
  const sshd = findOnPath('sshd', `${process.env.PATH}:/usr/sbin:/usr/local/sbin`)
  if (sshd === undefined) throw new Error('this test needs sshd: install openssh-server')
  await mkdir(directory, { recursive: true })
  for (const name of ['host', 'identity', 'stranger'])
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)])
  const port = await freePort()
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8')
  await writeFile(
    join(directory, 'sshd_config'),
    [
      `HostKey ${join(directory, 'host')}`,
      `AuthorizedKeysFile ${join(directory, 'identity.pub')}`,
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
    ].join('\n'),
  )
  // Of root, sshd wants a place where others cannot interfere.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
  const server = spawn(sshd, ['-D', '-e', '-f', join(directory, 'sshd_config')])
  let said = ''
  server.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
  try {
    await until('sshd listens', () => {
      if (server.exitCode !== null) throw new Error(`sshd ended: ${said}`)
      return said.includes('Server listening')
    })
    const [type, key] = (await read('host.pub')).split(' ')
    return await use({
      url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
      knownHosts: `[127.0.0.1]:${port} ${type} ${key}\n`,
      identity: await read('identity'),
      stranger: await read('stranger'),
    })
  } finally {
    server.kill()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
