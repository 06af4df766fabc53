// A chart repository for one test: charts packed by helm, served over HTTP, and changeable while it serves.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from './binaries.ts'
import { writeChart } from './chart.ts'
import { withWebServer, type WebServer } from './webserver.ts'

export type TestRepository = WebServer & {
  // Packs a chart called name at a version and lists it.
  add(name: string, version: string, files: Readonly<Record<string, string>>): Promise<void>
  // What to answer instead, for paths that start like this: a repository with a fault.
  fail(path: string, status: number, body?: string): void
}

/** Runs `use` with an empty repository on a free port; it is gone afterwards. */
export async function withRepository<T>(
  use: (repository: TestRepository) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'repository-'))
  const packed = join(directory, 'packed')
  await mkdir(packed)
  const { helm4 } = await testBinaries()
  const run = createRunner({ env: process.env })
  const faults = new Map<string, { status: number; body: string }>()
  const add: TestRepository['add'] = async (name, version, files) => {
    const source = join(directory, `${name}-${version}`)
    const chart = `apiVersion: v2\nname: ${name}\nversion: ${version}\n`
    await writeChart(source, { 'Chart.yaml': chart, ...files })
    await run([helm4, 'package', source, '--destination', packed])
    await run([helm4, 'repo', 'index', packed])
  }
  try {
    return await withWebServer(
      (request, response) => {
        const path = request.url ?? '/'
        const fault = [...faults].find(([prefix]) => path.startsWith(prefix))?.[1]
        if (fault !== undefined) return void response.writeHead(fault.status).end(fault.body)
        readFile(join(packed, path.slice(1))).then(
          (body) => response.end(body),
          () => response.writeHead(404).end('no such file'),
        )
      },
      (server) =>
        use({
          ...server,
          add,
          fail: (path, status, body = '') => faults.set(path, { status, body }),
        }),
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
