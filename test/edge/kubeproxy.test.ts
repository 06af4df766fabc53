import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createClient, type ApiClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { startProxy, type ApiProxy } from '../../lib/edge/kubeproxy.ts'
import { createLines } from '../../lib/edge/stream.ts'
import { ApiError, ReconcileError } from '../../lib/model/errors.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { recordLog } from '../helpers/log.ts'
import { processesWith } from '../helpers/processes.ts'
import { withSandbox } from '../helpers/sandbox.ts'
import { until } from '../helpers/until.ts'

const test = suite('startProxy()')
const version = { verb: 'get', path: '/version', about: 'the version' } as const

type Running = { proxy: ApiProxy; client: ApiClient; directory: string; messages: string[] }

async function start(kubeconfig: string, directory: string): Promise<Running> {
  const { kubectl } = await testBinaries()
  const clock = systemClock()
  const lines = createLines({ env: process.env })
  const { log, messages } = recordLog()
  const options = { kubectl, kubeconfig, directory, lines, clock, random: Math.random, log }
  const proxy = await startProxy(options)
  const client = createClient({ socket: proxy.socket, clock })
  return { proxy, client, directory, messages }
}

async function withProxy(use: (running: Running) => Promise<void>): Promise<void> {
  await withSandbox({}, async ({ kubeconfig, directory }) => {
    const running = await start(kubeconfig, directory)
    try {
      await use(running)
    } finally {
      running.client.close()
      await running.proxy.close()
    }
  })
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

test('carries requests to the API server of the kubeconfig', async () => {
  await withProxy(async ({ client }) => {
    const answer = (await client.request(version)) as { gitVersion: string }
    assert.match(answer.gitVersion, /^v1\./)
  })
})

test('is started again when it is killed, and requests made meanwhile wait for it', async () => {
  await withProxy(async ({ client, directory, messages }) => {
    await client.request(version)
    const [kubectl] = await processesWith(`--unix-socket=${directory}/`)
    process.kill(kubectl!.pid, 'SIGKILL')
    await until('the death is noticed', () => messages.length > 0)
    assert.ok(await client.request(version))
    const [next] = await processesWith(`--unix-socket=${directory}/`)
    assert.is.not(next!.pid, kubectl!.pid)
    assert.equal(messages, [
      'warn kubectl proxy ended, starting it again',
      'info kubectl proxy serves again',
    ])
  })
})

test('leaves no process and no socket when it is closed', async () => {
  await withSandbox({}, async ({ kubeconfig, directory }) => {
    const { proxy, client } = await start(kubeconfig, directory)
    await client.request(version)
    await proxy.close()
    assert.equal(await processesWith(`--unix-socket=${directory}/`), [])
    assert.not(existsSync(join(directory, 'api.sock')))
  })
})

test('does not start at all with a kubeconfig that cannot be read, and says why', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'proxy-test-'))
  const error = await failure(start('/nonexistent/config', directory))
  await rm(directory, { recursive: true })
  assert.is((error as ReconcileError).code, 'ClusterUnreachable')
  assert.match((error as ReconcileError).message, 'stat /nonexistent/config: no such file')
})

test('starts while the API server is away; its requests are "Unreachable" until it comes', async () => {
  let kubeconfig = ''
  const directory = await mkdtemp(join(tmpdir(), 'proxy-test-'))
  await withSandbox({}, async (running) => {
    kubeconfig = join(directory, 'kubeconfig')
    await copyFile(running.kubeconfig, kubeconfig)
  })
  const { proxy, client } = await start(kubeconfig, directory)
  const error = (await failure(client.request(version))) as ApiError
  assert.equal([error.status, error.reason], [0, 'Unreachable'])
  client.close()
  await proxy.close()
  await rm(directory, { recursive: true })
})

test('says so when the path is too long for a socket', async () => {
  const error = await failure(start('/nonexistent', `/tmp/${'x'.repeat(100)}`))
  assert.match((error as Error).message, 'point TMPDIR at a shorter path')
})

test.run()
