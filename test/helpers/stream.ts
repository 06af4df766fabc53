// The HelmRelease stream on a running cluster, read in the background.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { systemClock } from '../../lib/edge/clock.ts'
import { createReleaseStream } from '../../lib/edge/releases.ts'
import { createLines } from '../../lib/edge/stream.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { ResourceType } from '../../lib/model/ports.ts'
import { testBinaries } from './binaries.ts'
import { crds, type RunningCluster } from './cluster.ts'
import { follow, type Follower } from './follow.ts'
import { recordLog } from './log.ts'
import { processesWith } from './processes.ts'
import { until } from './until.ts'

const apiVersion = 'helm.fluxcd.io/v1'
const plural = 'helmreleases'
export const helmReleases: ResourceType = {
  group: 'helm.fluxcd.io',
  version: 'v1',
  plural,
  namespaced: true,
}

const definition = new URL('../../crds/helmreleases.helm.fluxcd.io.yaml', import.meta.url)

/** A HelmRelease as one writes it. */
export function wireHelmRelease(namespace: string, name: string, values: object = {}): KubeObject {
  const chart = { repository: 'https://example.com', name: 'x', version: '1.0.0' }
  const spec = { chart, values }
  return { apiVersion, kind: 'HelmRelease', metadata: { name, namespace }, spec }
}

/** Installs the definition of helm.fluxcd.io/v1, if it is not there, and waits until it is served. */
export async function defineHelmReleases({ cluster }: RunningCluster): Promise<void> {
  const text = await readFile(definition, 'utf8')
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubeObject
    const { name } = object.metadata
    if (!(await cluster.get(crds, name))) await cluster.create(crds, object)
  }
  await until('HelmReleases are served', () => cluster.resourceFor(apiVersion, 'HelmRelease'))
}

export type Following = RunningCluster & {
  follower: Follower
  messages: string[]
  // How long the stream wanted to wait each time.
  pauses: number[]
  // The stream's own kubectls that run right now.
  streams(): Promise<number[]>
}

/** Reads the stream while use() runs; no process of it is left afterwards. No pause of the stream is longer than told. */
export async function withReleaseStream(
  running: RunningCluster,
  use: (following: Following) => Promise<void>,
  longestPauseMs = Infinity,
): Promise<void> {
  const { kubectl } = await testBinaries()
  const clock = systemClock()
  const { log, messages } = recordLog()
  const { client, cluster, discovery, kubeconfig, directory, namespace } = running
  const cacheDirectory = join(directory, 'kube-cache')
  const pauses: number[] = []
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    pauses.push(ms)
    return clock.sleep(Math.min(ms, longestPauseMs), signal)
  }
  const stream = createReleaseStream({
    ...{ kubectl, kubeconfig, cacheDirectory, namespace },
    ...{ apiVersion, kind: 'HelmRelease', plural },
    ...{ client, discovery, watch: cluster.watch, log, random: () => 0.5 },
    clock: { ...clock, sleep },
    lines: createLines({ env: process.env }),
  })
  const follower = follow((signal) => stream.events(signal))
  const streams = async (): Promise<number[]> =>
    (await processesWith(`--cache-dir=${cacheDirectory}`)).map(({ pid }) => pid)
  try {
    await use({ ...running, follower, messages, pauses, streams })
  } finally {
    await follower.stop()
  }
  assert.equal(await streams(), [])
}

/** Kills the stream's kubectls, as the kernel would. */
export async function killStreams({ streams }: Following): Promise<void> {
  for (const pid of await streams()) process.kill(pid, 'SIGKILL')
}
