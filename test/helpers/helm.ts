// One Helm binary, Helm's storage and a cluster to use them on: the sandbox, or what TEST_KUBECONFIG names.
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { createCluster } from '../../lib/edge/cluster.ts'
import { createDiscovery } from '../../lib/edge/discovery.ts'
import { createRunner, type Run } from '../../lib/edge/exec.ts'
import { createHelmDriver } from '../../lib/edge/helm.ts'
import { startProxy, type ApiProxy } from '../../lib/edge/kubeproxy.ts'
import { createStorages } from '../../lib/edge/storage.ts'
import { createLines } from '../../lib/edge/stream.ts'
import { openWorkdir } from '../../lib/edge/workdir.ts'
import type { Cluster, HelmDriver, ResourceType, Storage } from '../../lib/model/ports.ts'
import { testBinaries } from './binaries.ts'
import { recordLog } from './log.ts'
import { withSandbox } from './sandbox.ts'
import { testParser } from './parser.ts'

const core = { group: '', version: 'v1' }
const namespaces: ResourceType = { ...core, plural: 'namespaces', namespaced: false }
export const configMaps: ResourceType = { ...core, plural: 'configmaps', namespaced: true }

export type HelmBench = {
  major: 3 | 4
  driver: HelmDriver
  storage: Storage
  cluster: Cluster
  // A namespace of its own.
  namespace: string
  // The test's own directory, and the one that the driver keeps its secret files in.
  directory: string
  workdir: string
  // Any helm or kubectl, with the cluster's kubeconfig; answers with stdout.
  helm: (major: 3 | 4, ...args: string[]) => Promise<string>
  kubectl: (...args: string[]) => Promise<string>
  // Paths and verbs of the requests made through cluster, storage included.
  requests: string[]
}

/** A cluster and a way into it, for one bench after another. */
export type HelmGround = { kubeconfig: string; directory: string; socket: ApiProxy['socket'] }

/** Runs `use` with one driver; processes, namespace and files are gone afterwards. */
export async function withHelm<T>(major: 3 | 4, use: (bench: HelmBench) => Promise<T>): Promise<T> {
  return await withGround((ground) => withBench(major, ground, use))
}

/** Runs `use` with what benches can share; nothing of it is left afterwards. */
export async function withGround<T>(use: (ground: HelmGround) => Promise<T>): Promise<T> {
  return await withSandbox({ workloads: { speed: 10 } }, async ({ kubeconfig: own, directory }) => {
    const { kubectl } = await testBinaries()
    const kubeconfig = process.env.TEST_KUBECONFIG ?? own
    const clock = systemClock()
    const proxy = await startProxy({
      ...{ kubectl, kubeconfig, directory, clock, random: Math.random, log: recordLog().log },
      lines: createLines({ env: process.env }),
    })
    try {
      return await use({ kubeconfig, directory, socket: proxy.socket })
    } finally {
      await proxy.close()
    }
  })
}

/** Runs `use` with one driver in a namespace and a directory of its own. */
export async function withBench<T>(
  major: 3 | 4,
  { kubeconfig, directory: shared, socket }: HelmGround,
  use: (bench: HelmBench) => Promise<T>,
): Promise<T> {
  const binaries = await testBinaries()
  const run = createRunner({
    env: { ...process.env, KUBECACHEDIR: join(shared, 'kubectl-cache') },
  })
  const directory = await mkdtemp(join(shared, 'bench-'))
  const workdir = await openWorkdir(directory)
  const clock = systemClock()
  const requests: string[] = []
  const client = createClient({ socket, clock, onRequest: (verb) => requests.push(verb) })
  const discovery = createDiscovery({ client, clock })
  const { log } = recordLog()
  const cluster = createCluster({ client, discovery, clock, random: Math.random, log })
  const helms = { 3: binaries.helm3, 4: binaries.helm4 }
  const kubectl = tool(run, binaries.kubectl, kubeconfig)
  const namespace = `t-${randomBytes(4).toString('hex')}`
  const metadata = { name: namespace }
  const cacheDir = join(shared, 'cache')
  await mkdir(cacheDir, { recursive: true })
  try {
    await cluster.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata })
    return await use({
      ...{ major, cluster, namespace, directory, requests, kubectl, workdir: workdir.path },
      driver: createHelmDriver({
        fetchEnv: {},
        parser: testParser(),
        limits: { residentBytes: 512 * 2 ** 20, cpuMs: 60_000 },
        ...{ run, workdir, cacheDir, env: process.env, access: { kubeconfig } },
        helm: { path: helms[major], version: `${major}.0.0`, major },
      }),
      storage: createStorages({ cluster, clock, parser: testParser() })(undefined),
      helm: (which, ...args) =>
        tool(run, helms[which], kubeconfig)(...args, '--namespace', namespace),
    })
  } finally {
    await cluster.remove(namespaces, metadata).catch(() => {})
    client.close()
    await workdir.close()
  }
}

function tool(run: Run, program: string, kubeconfig: string) {
  return async (...args: string[]): Promise<string> =>
    (await run([program, '--kubeconfig', kubeconfig, ...args])).stdout
}
