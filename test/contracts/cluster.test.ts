// Runs the contract on the sandbox in process, and on the cluster of TEST_KUBECONFIG when there is one.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { systemClock } from '../../lib/edge/clock.ts'
import { startProxy } from '../../lib/edge/kubeproxy.ts'
import { createLines } from '../../lib/edge/stream.ts'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import { startWorkloads } from '../../lib/sandbox/workloads/start.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { recordLog } from '../helpers/log.ts'
import { realClock } from '../helpers/sandbox.ts'
import { inProcess, throughSocket, type ContractClient } from './client.ts'
import { registerContract } from './cluster.ts'

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

async function sandbox(): Promise<ContractClient> {
  const clock = realClock()
  // So few changes are remembered that a case can outlive them.
  const made = createSandbox({ clock, random: Math.random, window: 200 })
  startWorkloads({ api: made.api, clock, random: Math.random })
  return inProcess(made)
}

async function realCluster(kubeconfig: string): Promise<ContractClient> {
  const directory = await mkdtemp(join(tmpdir(), 'contract-'))
  const proxy = await startProxy({
    kubectl: (await testBinaries()).kubectl,
    kubeconfig,
    directory,
    lines: createLines({ env: process.env }),
    clock: systemClock(),
    random: Math.random,
    log: recordLog().log,
  })
  // All suites share it, and none knows that it is the last.
  process.once('exit', () => {
    void proxy.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return throughSocket(await proxy.socket(new AbortController().signal))
}

registerContract('the sandbox', lazily(sandbox))

const kubeconfig = process.env['TEST_KUBECONFIG']
if (kubeconfig)
  registerContract(
    'the cluster',
    lazily(() => realCluster(kubeconfig)),
  )
