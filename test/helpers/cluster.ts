// The edge as the operator has it, from kubectl proxy up, on a sandbox or on the API server of TEST_KUBECONFIG.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createClient, type ApiClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { createCluster } from '../../lib/edge/cluster.ts'
import { createDiscovery, type Discovery } from '../../lib/edge/discovery.ts'
import type { Verb } from '../../lib/edge/exchange.ts'
import { startProxy } from '../../lib/edge/kubeproxy.ts'
import { createLines } from '../../lib/edge/stream.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Cluster, ResourceType } from '../../lib/model/ports.ts'
import type { Sandbox, SandboxOptions } from '../../lib/sandbox/sandbox.ts'
import { testBinaries } from './binaries.ts'
import { recordLog } from './log.ts'
import { withSandbox } from './sandbox.ts'

export type RunningCluster = {
  cluster: Cluster
  client: ApiClient
  discovery: Discovery
  kubeconfig: string
  // The test's own directory, 0700; the proxy's socket is in it.
  directory: string
  // A namespace that nothing else uses.
  namespace: string
  // Each request so far: verb and HTTP status, 0 for none.
  requests: [Verb, number][]
  messages: string[]
  // For changes behind the operator's back; absent on a real cluster.
  sandbox: Sandbox | undefined
}

export const namespaces: ResourceType = coreType('namespaces', false)
export const secrets: ResourceType = coreType('secrets', true)
export const configMaps: ResourceType = coreType('configmaps', true)
export const crds: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** The API servers to try: always a sandbox, and a real one where TEST_KUBECONFIG names it. */
export const places: readonly ('sandbox' | 'real')[] = process.env.TEST_KUBECONFIG
  ? ['sandbox', 'real']
  : ['sandbox']

export async function withCluster<T>(
  place: (typeof places)[number],
  use: (running: RunningCluster) => Promise<T>,
  options: Partial<SandboxOptions> = {},
): Promise<T> {
  if (place === 'sandbox')
    return withSandbox(options, ({ kubeconfig, directory, sandbox }) =>
      connect({ kubeconfig, directory, sandbox }, use),
    )
  const directory = await mkdtemp(join(tmpdir(), 'cluster-test-'))
  try {
    return await connect({ kubeconfig: process.env.TEST_KUBECONFIG!, directory }, use)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** A ConfigMap as one writes it. */
export function configMap(
  namespace: string,
  name: string,
  data: Record<string, string> = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}

/** The same on a cluster that the test has made itself. */
export async function connect<T>(
  where: { kubeconfig: string; directory: string; sandbox?: Sandbox },
  use: (running: RunningCluster) => Promise<T>,
): Promise<T> {
  const { kubeconfig, directory, sandbox } = where
  const { kubectl } = await testBinaries()
  const clock = systemClock()
  const lines = createLines({ env: process.env })
  const { log, messages } = recordLog()
  const { random } = Math
  const proxy = await startProxy({ kubectl, kubeconfig, directory, lines, clock, random, log })
  const requests: RunningCluster['requests'] = []
  const onRequest = (verb: Verb, status: number): void => void requests.push([verb, status])
  const client = createClient({ socket: proxy.socket, clock, onRequest })
  const discovery = createDiscovery({ client, clock })
  const cluster = createCluster({ client, discovery, clock, random, log })
  const namespace = `test-${random().toString(36).slice(2, 10)}`
  const metadata = { name: namespace }
  try {
    await cluster.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata })
    const rest = { directory, namespace, requests, messages, sandbox }
    return await use({ cluster, client, discovery, kubeconfig, ...rest })
  } finally {
    await cluster.remove(namespaces, metadata).catch(() => {})
    client.close()
    await proxy.close()
  }
}

function coreType(plural: string, namespaced: boolean): ResourceType {
  return { group: '', version: 'v1', plural, namespaced }
}
