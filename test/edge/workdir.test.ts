import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explainDiskError, openWorkdir, writePrivate } from '../../lib/edge/workdir.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import { testBinaries } from '../helpers/binaries.ts'

const test = suite('workdir')

async function withParent(use: (parent: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'workdir-test-'))
  try {
    await use(parent)
  } finally {
    await rm(parent, { recursive: true })
  }
}

async function leftover(parent: string, name: string, owner: object | undefined): Promise<string> {
  const directory = join(parent, name)
  await mkdir(directory)
  await writeFile(join(directory, '0-values.yaml'), 'secret')
  if (owner) await writeFile(join(directory, 'owner'), JSON.stringify(owner))
  return directory
}

async function deadPid(): Promise<number> {
  const child = execFile('true')
  await once(child, 'exit')
  return child.pid!
}

test('the directory and its files can be read by nobody else', async () => {
  await withParent(async (parent) => {
    const workdir = await openWorkdir(parent)
    assert.is((await stat(workdir.path)).mode & 0o777, 0o700)
    await workdir.withFile('values.yaml', 'a: 1', async (file) => {
      assert.is((await stat(file)).mode & 0o777, 0o600)
      assert.is(await readFile(file, 'utf8'), 'a: 1')
    })
    assert.is((await stat(await workdir.directory('proxy'))).mode & 0o777, 0o700)
  })
})

test('withFile() returns what its use returned and leaves no file', async () => {
  await withParent(async (parent) => {
    const workdir = await openWorkdir(parent)
    assert.is(await workdir.withFile('a', 'x', async (file) => file.endsWith('a')), true)
    assert.equal(await readdir(workdir.path), ['owner'])
  })
})

test('withFile() leaves no file when its use fails', async () => {
  await withParent(async (parent) => {
    const workdir = await openWorkdir(parent)
    const failed = workdir.withFile('a', 'x', () => Promise.reject(new Error('no')))
    assert.is(await failed.catch((error: Error) => error.message), 'no')
    assert.equal(await readdir(workdir.path), ['owner'])
  })
})

test('the same name can be in use twice, and none leads out of the directory', async () => {
  await withParent(async (parent) => {
    const workdir = await openWorkdir(parent)
    await workdir.withFile('../a', 'one', (first) =>
      workdir.withFile('../a', 'two', async (second) => {
        assert.is(await readFile(first, 'utf8'), 'one')
        assert.is(await readFile(second, 'utf8'), 'two')
        assert.ok(first.startsWith(`${workdir.path}/`))
      }),
    )
  })
})

test('close() leaves nothing', async () => {
  await withParent(async (parent) => {
    await (await openWorkdir(parent)).close()
    assert.equal(await readdir(parent), [])
  })
})

test('what dead processes left is swept, also when their id lives on in another process', async () => {
  await withParent(async (parent) => {
    const host = hostname()
    await leftover(parent, 'helm-operator-aaaaa1', { host, pid: await deadPid(), startedAt: '1' })
    await leftover(parent, 'helm-operator-aaaaa2', { host, pid: process.pid, startedAt: '1' })
    const old = await leftover(parent, 'helm-operator-aaaaa3', undefined)
    await utimes(old, new Date(0), new Date(0))
    const workdir = await openWorkdir(parent)
    assert.equal(await readdir(parent), [workdir.path.slice(parent.length + 1)])
  })
})

test('what belongs to the living, to other hosts or to others is left alone', async () => {
  await withParent(async (parent) => {
    const first = await openWorkdir(parent)
    const foreign = { host: 'elsewhere', pid: await deadPid(), startedAt: '1' }
    const kept = [
      await leftover(parent, 'helm-operator-aaaaa1', foreign),
      await leftover(parent, 'helm-operator-aaaaa2', undefined),
      await leftover(parent, 'helm-operator-backup', undefined),
    ]
    await openWorkdir(parent)
    for (const directory of [first.path, ...kept]) assert.ok(existsSync(directory), directory)
  })
})

test('the kubectl proxy of a killed operator is ended', async () => {
  const { kubectl } = await testBinaries()
  await withParent(async (parent) => {
    const owner = { host: hostname(), pid: await deadPid(), startedAt: '1' }
    const directory = await leftover(parent, 'helm-operator-aaaaa1', owner)
    await writeFile(join(directory, 'config'), '')
    const args = ['proxy', `--unix-socket=${directory}/p`, `--kubeconfig=${directory}/config`]
    const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(child.stdout, 'data')
    const ended = once(child, 'exit')
    await openWorkdir(parent)
    assert.equal(await ended, [null, 'SIGTERM'])
  })
})

test('a full disk is called that', async () => {
  const full = await open('/dev/full', 'w')
  const error = await full.write('x').catch((reason: unknown) => reason)
  await full.close()
  const explained = explainDiskError(error, 'write "values.yaml"')
  assert.is(explained.code, 'DiskFull')
  assert.match(explained.message, 'Cannot write "values.yaml": no space is left')
})

test('a directory that cannot be made says what to do', async () => {
  const error = await openWorkdir('/nonexistent').catch((reason: unknown) => reason)
  assert.match((error as ReconcileError).message, 'point TMPDIR at a directory')
})

test('writePrivate() never writes into what somebody else has put there', async () => {
  await withParent(async (parent) => {
    await promisify(execFile)('ln', ['-s', '/dev/null', join(parent, 'planted')])
    const error = await writePrivate(join(parent, 'planted'), 'x').catch((e: unknown) => e)
    assert.instance(error, ReconcileError)
  })
})

test.run()
