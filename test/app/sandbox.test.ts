// The subcommand "sandbox": what it writes, what it says, and that it leaves nothing.
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runSandbox, startSandbox } from '../../lib/app/sandbox.ts'
import { until } from '../helpers/until.ts'

const test = suite('runSandbox()')

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-run-'))
  try {
    await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

test('it serves until it is aborted, with a private kubeconfig that goes with it', () =>
  withDirectory(async (directory) => {
    const kubeconfig = join(directory, 'made', 'kubeconfig')
    const ended = new AbortController()
    let said = ''
    const running = runSandbox({
      port: 0,
      tls: false,
      kubeconfig,
      signal: ended.signal,
      out: (text) => (said += text),
    })
    await until('the sandbox has said where it is', () => said.includes('KUBECONFIG='))
    assert.is((await stat(kubeconfig)).mode & 0o777, 0o600)
    const url = /server: (\S+)/.exec(await readFile(kubeconfig, 'utf8'))![1]!
    const nodes = await until('the node is there', async () => {
      const { items } = (await (await fetch(`${url}/api/v1/nodes`)).json()) as { items: unknown[] }
      return items.length > 0 && items
    })
    assert.is(nodes.length, 1)
    ended.abort()
    assert.is(await running, 0)
    assert.not(await exists(kubeconfig))
    assert.is(await fetch(url).catch(() => 'refused'), 'refused')
  }))

test('it says what it imitates and what not, and what to type', () =>
  withDirectory(async (directory) => {
    const ended = new AbortController()
    let said = ''
    const kubeconfig = join(directory, 'kubeconfig')
    const running = runSandbox({
      port: 0,
      tls: false,
      kubeconfig,
      signal: ended.signal,
      out: (text) => (said += text),
    })
    await until('it has greeted', () => said.includes('Ctrl-C'))
    ended.abort()
    await running
    for (const word of ['imitates', 'does not', `export KUBECONFIG=${kubeconfig}`])
      assert.ok(said.includes(word), word)
  }))

test('with TLS, its kubeconfig carries an authority and a token, and who has neither is told no', () =>
  withDirectory(async (directory) => {
    const kubeconfig = join(directory, 'kubeconfig')
    const { url, stop } = await startSandbox({ port: 0, tls: true, kubeconfig })
    const text = await readFile(kubeconfig, 'utf8')
    assert.match(url, /^https:/)
    assert.match(text, /certificate-authority-data: \S+\n/)
    assert.match(text, /token: \S+\n/)
    assert.is(await fetch(`${url}/healthz`).catch(() => 'not trusted'), 'not trusted')
    await stop()
  }))

test('a port that is taken is one clear line and exit code 1', () =>
  withDirectory(async (directory) => {
    const first = await startSandbox({ port: 0, kubeconfig: join(directory, 'first') })
    const port = Number(new URL(first.url).port)
    let said = ''
    const code = await runSandbox({
      port,
      tls: false,
      kubeconfig: join(directory, 'second'),
      signal: new AbortController().signal,
      out: (text) => (said += text),
    })
    await first.stop()
    assert.is(code, 1)
    assert.is(
      said,
      `Cannot start the sandbox: port "${port}" is taken; give another one with --port\n`,
    )
  }))

test('a kubeconfig that cannot be written is one clear line and leaves no server', () =>
  withDirectory(async (directory) => {
    const file = join(directory, 'file')
    await writeFile(file, '')
    let said = ''
    const code = await runSandbox({
      port: 0,
      tls: false,
      kubeconfig: join(file, 'kubeconfig'),
      signal: new AbortController().signal,
      out: (text) => (said += text),
    })
    assert.is(code, 1)
    assert.match(said, /^Cannot write the kubeconfig "/)
  }))

test('a kubeconfig of somebody else is not replaced', () =>
  withDirectory(async (directory) => {
    const kubeconfig = join(directory, 'kubeconfig')
    await writeFile(kubeconfig, 'apiVersion: v1\nkind: Config\n')
    let said = ''
    const code = await runSandbox({
      port: 0,
      tls: false,
      kubeconfig,
      signal: AbortSignal.abort(),
      out: (text) => (said += text),
    })
    assert.is(code, 1)
    assert.match(said, 'the file exists and no sandbox wrote it')
    assert.is(await readFile(kubeconfig, 'utf8'), 'apiVersion: v1\nkind: Config\n')
  }))

test.run()
