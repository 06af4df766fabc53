import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findHelms, findKubectl } from '../../lib/edge/binaries.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import { testBinaries } from '../helpers/binaries.ts'

const test = suite('finding programs')
const run = createRunner({ env: process.env })

async function withPath(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'binaries-test-'))
  try {
    await use(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function script(file: string, text: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${text}\n`)
  await chmod(file, 0o755)
}

test('real kubectl, Helm 3 and Helm 4 are there to be tested with', async () => {
  const { helm3, helm4, kubectl } = await testBinaries()
  const versions = await Promise.all(
    [helm3, helm4].map((helm) => run([helm, 'version', '--template', '{{.Version}}'])),
  )
  assert.match(versions[0]!.stdout, /^v3\./)
  assert.match(versions[1]!.stdout, /^v4\./)
  assert.match((await run([kubectl, 'version', '--client'])).stdout, 'Client Version: v1.')
})

test('the helm on PATH goes before the one that is carried', async () => {
  const { helm3 } = await testBinaries()
  await withPath(async (path) => {
    await symlink(helm3, join(path, 'helm'))
    const [helm] = await findHelms({ path, majors: [3], run })
    assert.is(helm?.path, join(path, 'helm'))
    assert.is(helm?.major, 3)
    assert.match(helm!.version, /^3\.\d+\.\d+/)
  })
})

test('a Helm 3 on PATH is not passed over for a Helm 4 that is carried', async () => {
  const { helm3 } = await testBinaries()
  await withPath(async (path) => {
    await symlink(helm3, join(path, 'helm'))
    const helms = await findHelms({ path, majors: [3, 4], run })
    assert.equal(
      helms.map(({ path: file }) => file),
      [join(path, 'helm')],
    )
  })
})

test('each major version asked for is found, the newest first', async () => {
  const { helm3, helm4 } = await testBinaries()
  await withPath(async (path) => {
    await symlink(helm3, join(path, 'helm'))
    await symlink(helm4, join(path, 'helm4'))
    const helms = await findHelms({ path, majors: [3, 4], run })
    assert.equal(
      helms.map(({ path: file, major }) => [file, major]),
      [
        [join(path, 'helm4'), 4],
        [join(path, 'helm'), 3],
      ],
    )
  })
})

test('a program named helm that is none is passed over', async () => {
  await withPath(async (path) => {
    await script(join(path, 'helm'), 'echo v2.17.0')
    await script(join(path, 'helm4'), 'exit 1')
    await script(join(path, 'helm3'), 'echo v3.99.0-rc.1+g1')
    const [helm] = await findHelms({ path, majors: [3], run })
    assert.equal(helm, { path: join(path, 'helm3'), version: '3.99.0-rc.1+g1', major: 3 })
  })
})

test('a helm that cannot be found is one clear sentence', async () => {
  const error = await findHelms({ path: '', majors: [], run }).catch((reason: unknown) => reason)
  assert.is((error as ReconcileError).code, 'ProgramMissing')
})

test('kubectl is taken from PATH, but not from a directory relative to wherever we are', async () => {
  await withPath(async (path) => {
    await script(join(path, 'kubectl'), 'true')
    assert.is(await findKubectl({ path: `.:bin:/nonexistent:${path}` }), join(path, 'kubectl'))
  })
})

test('a file that is not executable is no program', async () => {
  const { kubectl } = await testBinaries()
  await withPath(async (path) => {
    await writeFile(join(path, 'kubectl'), '')
    assert.is(await findKubectl({ path }), kubectl)
  })
})

test('what is unpacked can be written by nobody else', async () => {
  const { helm4 } = await testBinaries()
  for (const file of [helm4, join(helm4, '..')]) {
    const { mode, uid } = await stat(file)
    assert.is(mode & 0o022, 0)
    assert.is(uid, process.getuid?.())
  }
})

test.run()
