// Git repositories made for a test, and a real server for them: smart HTTP through git http-backend.
import { spawn } from 'node:child_process'
import { Buffer } from 'node:buffer'
import { mkdir } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { writeTree, type ChartFiles } from './charts.ts'
import type { Certificate } from './certificate.ts'
import { withWebServer, type WebServer } from './webserver.ts'

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
