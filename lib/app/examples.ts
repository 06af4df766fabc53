// Brings the charts of examples/ to where HelmReleases can fetch them: a chart repository over HTTP and a git repository.
import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Run } from '../edge/exec.ts'
import { readAssets, writeAssets } from './assets.ts'
import { serve, type Routes } from './server.ts'

export type Sources = { repository: string; git: string; close: () => Promise<void> }

/** Packs every example chart, and serves them until closed; everything it writes is below dir. */
export async function serveExamples(options: {
  dir: string
  helm: string
  run: Run
}): Promise<Sources> {
  const { dir, helm, run } = options
  const packed = join(dir, 'repository')
  const git = join(dir, 'charts.git')
  const charts = join(dir, 'examples', 'charts')
  await Promise.all([mkdir(packed, { recursive: true }), writeAssets('examples', dir)])
  await Promise.all([packCharts({ charts, packed, helm, run }), commitCharts({ charts, git, run })])
  const server = await serve(await routesOf(packed), { host: '127.0.0.1', port: 0 })
  return {
    repository: `http://127.0.0.1:${server.port}`,
    git: pathToFileURL(git).href,
    close: server.close,
  }
}

/** The example HelmReleases, each ready to be applied: file name and text. */
export async function readExamples(sources: Sources): Promise<{ name: string; text: string }[]> {
  const documents = (await readAssets('examples')).filter(({ path }) =>
    /^\w+\/[^/]+\.yaml$/.test(path),
  )
  return documents.map(({ path, text }) => ({
    name: path.slice('examples/'.length),
    text: text.replaceAll('${REPOSITORY}', sources.repository).replaceAll('${GIT}', sources.git),
  }))
}

async function packCharts(options: {
  charts: string
  packed: string
  helm: string
  run: Run
}): Promise<void> {
  const { charts, packed, helm, run } = options
  const directories = (await readdir(charts)).map((name) => join(charts, name))
  await run([helm, 'package', ...directories, '--destination', packed])
  await run([helm, 'repo', 'index', packed])
}

async function commitCharts(options: { charts: string; git: string; run: Run }): Promise<void> {
  const { charts, git, run } = options
  await cp(charts, join(git, 'charts'), { recursive: true })
  // Nobody's own git configuration has a say in this.
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const inGit = (...args: string[]) => run(['git', ...args], { cwd: git, env })
  await inGit('init', '--quiet', '--initial-branch=main')
  await inGit('add', '--all')
  const author = ['-c', 'user.name=demo', '-c', 'user.email=demo@localhost']
  await inGit(...author, 'commit', '--quiet', '--message=Charts of the demo')
}

async function routesOf(packed: string): Promise<Routes> {
  const files = await Promise.all(
    (await readdir(packed)).map(async (name) => ({
      name,
      body: await readFile(join(packed, name)),
    })),
  )
  return Object.fromEntries(
    files.map(({ name, body }) => [
      `GET /${name}`,
      () => ({ status: 200, body, contentType: 'application/octet-stream' }),
    ]),
  )
}
