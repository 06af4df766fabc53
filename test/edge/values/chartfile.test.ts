import { Buffer } from 'node:buffer'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../../lib/edge/exec.ts'
import { readChartFile } from '../../../lib/edge/values/chartfile.ts'
import type { Artifact } from '../../../lib/model/source.ts'
import { testBinaries } from '../../helpers/binaries.ts'
import { writeChart } from '../../helpers/chart.ts'
import { testParser } from '../../helpers/parser.ts'

const test = suite('values from files of a chart')

type Read = (path: string, unless?: string) => ReturnType<typeof readChartFile>

/** Runs `use` on a chart in charts/web of an exported repository, with a secret of ours beside the export. */
async function withExport(use: (read: Read, root: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'chart-file-'))
  try {
    const root = join(directory, 'export')
    const files = { 'values-prod.yaml': 'a: 1', 'more/x.yaml': 'b: 1' }
    const chart = await writeChart(join(root, 'charts/web'), files)
    await mkdir(join(root, 'values'))
    await writeFile(join(root, 'values/prod.yaml'), 'c: 1')
    await writeFile(join(directory, 'secret.yaml'), 'hunter2')
    await mkdir(join(directory, 'export-of-another'))
    await writeFile(join(directory, 'export-of-another/x.yaml'), 'hunter2')
    const artifact = { ...chart, exportRoot: root }
    await use((path) => readChartFile(path, { artifact, parser: testParser() }), root)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** The same on a chart that helm has packed. */
async function withArchive(
  use: (read: Read, artifact: Artifact) => Promise<void>,
  limits?: Parameters<typeof testParser>[0],
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'chart-file-'))
  try {
    const files = { 'values-prod.yaml': 'a: 1', 'more/x.yaml': 'b: 1', 'values.yaml': 'd: 1' }
    const chart = await writeChart(join(directory, 'web'), files)
    const { helm4 } = await testBinaries()
    const run = createRunner({ env: process.env })
    await run([helm4, 'package', join(directory, 'web'), '--destination', directory])
    const artifact = { ...chart, path: join(directory, 'web-1.0.0.tgz') }
    const read: Read = (path, unless) =>
      readChartFile(path, {
        ...{ artifact, parser: testParser(limits) },
        ...(unless === undefined ? {} : { unless }),
      })
    await use(read, artifact)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function textOf(reading: ReturnType<Read>): Promise<string> {
  const found = await reading
  if (found === 'unchanged') return found
  return 'bytes' in found ? Buffer.from(found.bytes).toString() : found.failure.message
}

test('of an archive are read where a bomb ends nothing but a thread', () =>
  withArchive(
    async (read) => {
      assert.match(
        await textOf(read('values-prod.yaml')),
        /^Cannot read values: chart file "values-prod.yaml" is not readable: reading it takes more than 0.001 s/,
      )
    },
    { deadlineMs: 1 },
  ))

test('are read beside the chart and anywhere else in its repository', () =>
  withExport(async (read, root) => {
    assert.is(await textOf(read('values-prod.yaml')), 'a: 1')
    assert.is(await textOf(read('./more/../more/x.yaml')), 'b: 1')
    assert.is(await textOf(read('/more/x.yaml')), 'b: 1')
    assert.is(await textOf(read('../../values/prod.yaml')), 'c: 1')
    await symlink('../../values/prod.yaml', join(root, 'charts/web/linked.yaml'))
    assert.is(await textOf(read('linked.yaml')), 'c: 1')
  }))

test('have a version that changes with their content', () =>
  withExport(async (read, root) => {
    const version = async (): Promise<string> => {
      const found = await read('more/x.yaml')
      return found === 'unchanged' ? found : found.version
    }
    const before = await version()
    assert.is(await version(), before)
    await writeFile(join(root, 'charts/web/more/x.yaml'), 'b: 2')
    assert.is.not(await version(), before)
  }))

for (const [path, says] of [
  ['../../../secret.yaml', /is outside of the repository/],
  ['../../../export-of-another/x.yaml', /is outside of the repository/],
  ['/../../../../../../../../etc/passwd', /is outside of the repository/],
  ['leak.yaml', /is outside of the repository/],
  ['leaks/secret.yaml', /is outside of the repository/],
  ['../..', /is outside of the repository/],
  ['nothing.yaml', /does not exist/],
  ['values-prod.yaml/x', /does not exist/],
  ['dangling.yaml', /does not exist/],
  ['more', /is no file/],
  ['round.yaml', /is not readable/],
  ['nul\0byte', /is not readable/],
] as const)
  test(`are none at ${JSON.stringify(path)}, which ${says.source}`, () =>
    withExport(async (read, root) => {
      const chart = join(root, 'charts/web')
      await symlink('../../../secret.yaml', join(chart, 'leak.yaml'))
      await symlink('../../..', join(chart, 'leaks'))
      await symlink('nothing.yaml', join(chart, 'dangling.yaml'))
      await symlink('round.yaml', join(chart, 'round.yaml'))
      const text = await textOf(read(path))
      assert.match(text, says)
      assert.not.match(text, 'hunter2')
    }))

test('are read from the archive of a chart, under the digest of the chart', () =>
  withArchive(async (read, { digest }) => {
    assert.is(await textOf(read('values-prod.yaml')), 'a: 1')
    assert.is(await textOf(read('/more/../more/x.yaml')), 'b: 1')
    assert.is(await textOf(read('values.yaml')), 'd: 1')
    const found = await read('more/x.yaml')
    assert.is(found !== 'unchanged' && found.version, digest)
    assert.is(await read('more/x.yaml', digest), 'unchanged')
  }))

test('are none outside of an archive, nor where it has no such file', () =>
  withArchive(async (read, { path }) => {
    assert.match(await textOf(read('../web-1.0.0.tgz')), /outside of the chart's archive/)
    assert.match(await textOf(read('..')), /outside of the chart's archive/)
    assert.match(await textOf(read('more')), /does not exist in the archive of chart "web" 1\.0\.0/)
    await writeFile(path, 'no archive')
    assert.match(await textOf(read('values.yaml')), /it is not a \.tgz archive/)
  }))

test('that are kept in Git LFS are told to be, rather than read for what stands there', () =>
  withExport(async (read, root) => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n'
    await writeFile(join(root, 'values/large.yaml'), pointer)
    assert.match(await textOf(read('../../values/large.yaml')), /is kept in Git LFS, which is not/)
  }))

test.run()
