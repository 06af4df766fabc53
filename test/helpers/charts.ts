// Charts made for a test, packed by the real helm, and a repository that serves them.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from './binaries.ts'
import { withWebServer, type WebServer } from './webserver.ts'

export type ChartFiles = Record<string, string>

const run = createRunner({ env: process.env })

/** The files of a chart with one ConfigMap; `more` is added or takes their place. */
export function chartFiles(name: string, version: string, more: ChartFiles = {}): ChartFiles {
  return {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: "1.0"\n`,
    'values.yaml': 'greeting: hello\n',
    'templates/config.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting | quote }}\n',
    ...more,
  }
}

/** Writes files below a directory. */
export async function writeTree(directory: string, files: ChartFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
}

/** Packs a chart with helm package; answers the path of the archive. */
export async function packChart(
  directory: string,
  files: ChartFiles,
  chart: { name: string; version: string },
): Promise<string> {
  const source = join(directory, `source-${chart.name}-${chart.version}`, chart.name)
  await writeTree(source, files)
  const { helm4 } = await testBinaries()
  await run([helm4, 'package', source, '--destination', directory])
  return join(directory, `${chart.name}-${chart.version}.tgz`)
}

/** Writes index.yaml for the archives of a directory with helm repo index. */
export async function indexRepository(directory: string): Promise<void> {
  const { helm4 } = await testBinaries()
  await run([helm4, 'repo', 'index', directory])
}

/** A repository of charts "name version", served with an ETag as web servers do it. */
export async function withRepository<T>(
  directory: string,
  charts: readonly string[],
  use: (repository: WebServer) => Promise<T>,
): Promise<T> {
  await mkdir(directory, { recursive: true })
  for (const chart of charts) {
    const [name = '', version = ''] = chart.split(' ')
    await packChart(directory, chartFiles(name, version), { name, version })
  }
  await indexRepository(directory)
  return await withWebServer((request, response) => {
    const path = join(directory, new URL(request.url ?? '/', 'http://x').pathname)
    readFile(path).then(
      (content) => {
        const etag = `"${hash(content)}"`
        response.setHeader('etag', etag)
        if (request.headers['if-none-match'] === etag) response.writeHead(304).end()
        else response.end(content)
      },
      () => response.writeHead(404).end('Not Found'),
    )
  }, use)
}

function hash(content: Uint8Array): number {
  return content.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)
}
