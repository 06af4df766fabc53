// The fetcher as the operator has it, on a sandbox for its Secrets, with real helms and caches of its own.
import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import process from 'node:process'
import type { Env } from '../../lib/edge/child.ts'
import { createRunner, type Run } from '../../lib/edge/exec.ts'
import { createFetcher, type RunningFetcher } from '../../lib/edge/fetch.ts'
import { createHelmDriver } from '../../lib/edge/helm.ts'
import { homeGuard } from './guard.ts'
import type { CacheLimits } from '../../lib/edge/quota/quota.ts'
import { createHttpClient } from '../../lib/edge/http.ts'
import { openWorkdir } from '../../lib/edge/workdir.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'
import type { Artifact, ChartSource } from '../../lib/model/source.ts'
import { deadlineMs } from './deadline.ts'
import { testBinaries } from './binaries.ts'
import { writeTree } from './charts.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { secrets, withCluster } from './cluster.ts'
import { recordLog } from './log.ts'
import { limitsOf } from './quota.ts'
import { testParser } from './parser.ts'

export type Fetching = {
  directory: string
  clock: FakeClock
  fetcher: RunningFetcher
  // As after a restart: nothing in memory, everything on disk. For fetch() only.
  restart: () => Promise<void>
  // With the helm of this bench, or with what is made of it.
  fetch: (source: ChartSource, change?: (helm: HelmDriver) => HelmDriver) => Promise<Artifact>
  // Makes a Secret; answers the reference to it.
  secret: (
    name: string,
    data: Record<string, string>,
  ) => Promise<{ namespace: string; name: string }>
  // Every argument of all commands so far, and the programs that were started.
  args: () => string[]
  programs: () => string[]
  // What a variable was set to for each command that sets it.
  environment: (name: string) => string[]
  // Writes a file below the directory, which is the operator's home.
  write: (name: string, content: string) => Promise<void>
}

export async function withFetcher<T>(
  use: (fetching: Fetching) => Promise<T>,
  options: {
    major?: 3 | 4
    env?: Record<string, string>
    // Below the directory, as --helm-repository-import names them.
    imported?: readonly string[]
    allowLocal?: boolean
    limits?: Partial<CacheLimits>
  } = {},
): Promise<T> {
  return await withCluster('sandbox', async ({ cluster, directory, namespace }) => {
    const { major = 4, allowLocal = true, limits } = options
    const { helm3, helm4 } = await testBinaries()
    // A home of its own: nothing of what whoever runs the test has set up for helm.
    const host = Object.entries(process.env).filter(([name]) => !/^(?:HELM|XDG|DOCKER)_/.test(name))
    const env = { ...Object.fromEntries(host), HOME: directory, ...options.env }
    const args: string[] = []
    const programs: string[] = []
    const variables: Env[] = []
    const runner = createRunner({ env, onStart: (program) => void programs.push(program) })
    const run: Run = (command, over) => {
      args.push(...command)
      variables.push(over?.env ?? {})
      return runner(command, over)
    }
    const workdir = await openWorkdir(directory)
    const cacheDir = join(directory, 'cache')
    const clock = fakeClock(Date.now())
    const { log } = recordLog()
    const http = createHttpClient({ guard: homeGuard, env: options.env ?? {} })
    const open = (): Promise<RunningFetcher> =>
      createFetcher({
        ...{ run, http, clock, log, workdir, env, cacheDir, parser: testParser() },
        git: { timeoutMs: deadlineMs(20_000), pollMs: 300_000, defaultRef: 'master' },
        ...{
          updateDependencies: true,
          retryDelayMs: (failures) => failures * 60_000,
          allowLocal,
          quota: limitsOf(limits),
          guard: homeGuard,
          fetchEnv: {},
        },
        importedRepositories: (options.imported ?? []).map((name) => join(directory, name)),
      })
    let fetcher = await open()
    const helm: HelmDriver = createHelmDriver({
      fetchEnv: {},
      parser: testParser(),
      limits: { residentBytes: 0, cpuMs: 0 },
      helm: { major, version: `${major}.0.0`, path: major === 3 ? helm3 : helm4 },
      ...{ run, workdir, access: {}, env, cacheDir: join(directory, 'helm') },
    })
    try {
      return await use({
        ...{ directory, clock, fetcher },
        restart: async () => {
          fetcher.close()
          fetcher = await open()
        },
        args: () => args,
        programs: () => programs,
        environment: (name) => variables.flatMap((env) => (name in env ? [env[name] ?? ''] : [])),
        write: (name, content) => writeTree(directory, { [name]: content }),
        fetch: (source, change = (one) => one) =>
          fetcher.fetch(source, {
            ...{ helm: change(helm), cluster, namespace, signal: new AbortController().signal },
          }),
        secret: async (name, data) => {
          const encoded = Object.entries(data).map(([key, value]) => [
            key,
            Buffer.from(value).toString('base64'),
          ])
          const metadata = { name, namespace }
          await cluster.create(secrets, {
            ...{ apiVersion: 'v1', kind: 'Secret', metadata },
            data: Object.fromEntries(encoded) as Record<string, string>,
          })
          return metadata
        },
      })
    } finally {
      fetcher.close()
      await workdir.close()
    }
  })
}
