// Archives as helm packs them, and as nobody should.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packTar } from 'modern-tar'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readArchive } from '../../../lib/edge/source/archive.ts'
import type { ReconcileError } from '../../../lib/model/errors.ts'
import { chartFiles, packChart } from '../../helpers/charts.ts'

const test = suite('chart archive')

async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'archive-test-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function tar(
  entries: readonly { name: string; content?: string | Buffer; type?: 'file' | 'symlink' }[],
): Promise<Buffer> {
  const packed = await packTar(
    entries.map(({ name, content = '', type = 'file' }) => ({
      header: {
        name,
        size: content.length,
        type,
        ...(type === 'symlink' ? { linkname: '/etc/passwd' } : {}),
      },
      body: content,
    })),
  )
  return gzipSync(packed)
}

async function read(content: Buffer): Promise<string[]> {
  return await withDirectory(async (directory) => {
    await writeFile(join(directory, 'x.tgz'), content)
    const { files } = await readArchive(join(directory, 'x.tgz'), '"x" 1.0.0')
    return files.map(({ path }) => path)
  })
}

async function refusal(content: Buffer): Promise<string> {
  const error = await read(content).then(
    () => undefined,
    (reason: ReconcileError) => reason,
  )
  assert.is(error?.code, 'ChartInvalid')
  return error!.message.replace('Cannot read chart "x" 1.0.0: ', '')
}

test('an archive by helm package gives the files that matter, and its digest', async () => {
  await withDirectory(async (directory) => {
    const files = chartFiles('hello', '1.0.0', { 'README.md': 'x', 'files/a.txt': 'x' })
    const path = await packChart(directory, files, { name: 'hello', version: '1.0.0' })
    const read = await readArchive(path, '"hello"')
    assert.equal(read.files.map((file) => file.path).sort(), [
      'Chart.yaml',
      'templates/config.yaml',
      'values.yaml',
    ])
    const digest = createHash('sha256').update(await readFile(path))
    assert.is(read.digest, `sha256:${digest.digest('hex')}`)
  })
})

test('packed subcharts are looked into, however deep', async () => {
  const deep = await tar([{ name: 'deep/templates/hook.yaml', content: 'x' }])
  const sub = await tar([{ name: 'sub/charts/deep-1.0.0.tgz', content: deep }])
  const files = await read(
    await tar([
      { name: 'x/Chart.yaml', content: 'x' },
      { name: 'x/charts/sub-1.0.0.tgz', content: sub },
      { name: 'x/charts/_ignored.tgz', content: 'not even an archive' },
    ]),
  )
  assert.equal(files, [
    'Chart.yaml',
    'charts/sub-1.0.0.tgz/charts/deep-1.0.0.tgz/templates/hook.yaml',
  ])
})

test('links are left out', async () => {
  const archive = await tar([{ name: 'x/templates/a.yaml', type: 'symlink' }])
  assert.equal(await read(archive), [])
})

for (const name of ['x/../../etc/cron.d/x', '/etc/x', 'x/templates/../../../y', 'x\\..\\..\\y'])
  test(`a file called ${name} is refused`, async () => {
    assert.is(await refusal(await tar([{ name }])), `its file "${name}" lies outside of the chart`)
  })

test('what is no archive of a chart says so', async () => {
  const whole = await tar([{ name: 'x/Chart.yaml', content: 'x'.repeat(5_000) }])
  assert.is(await refusal(Buffer.from('<html></html>')), 'it is not a .tgz archive')
  assert.is(await refusal(gzipSync(Buffer.alloc(1_000, 'a'))), 'it is not a .tgz archive')
  assert.is(await refusal(Buffer.alloc(0)), 'the archive is cut off')
  assert.is(await refusal(whole.subarray(0, whole.length / 2)), 'the archive is cut off')
  const flat = await tar([{ name: 'Chart.yaml' }])
  assert.is(await refusal(flat), 'its files are not in a directory of their own')
})

test('long names, and the formats of other programs than helm, are read', async () => {
  const long = `x/templates/${'long/'.repeat(40)}a.yaml`
  assert.equal(await read(await tar([{ name: long, content: 'x' }])), [long.slice(2)])
  const gnu = await packTar([
    { header: { name: '././@LongLink', size: long.length, type: 'gnu-long-name' }, body: long },
    { header: { name: long.slice(0, 90), size: 1 }, body: 'x' },
  ])
  assert.equal(await read(gzipSync(gnu)), [long.slice(2)])
  const v7 = Buffer.from(gunzipSync(await tar([{ name: 'x/Chart.yaml', content: 'x' }])))
  // Before ustar there was nothing behind the name that a link leads to.
  v7.fill(0, 257, 512)
  v7.fill(' ', 148, 156)
  const sum = v7.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  v7.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  assert.equal(await read(gzipSync(v7)), ['Chart.yaml'])
})

test('a header that is damaged, or larger than any, is refused as Helm does', async () => {
  const plain = gunzipSync(await tar([{ name: 'x/Chart.yaml', content: 'x' }]))
  plain[0] = plain[0]! + 1
  assert.is(await refusal(gzipSync(plain)), 'it is not a .tgz archive')
  const pax = await packTar([
    {
      header: { name: 'x', size: 20_000_000, type: 'pax-header' } as const,
      body: Buffer.alloc(20_000_000, 'a'),
    },
  ])
  assert.is(await refusal(gzipSync(pax)), 'it is not a .tgz archive')
})

test('a bomb is put down before it is big, also when it is packed twice', async () => {
  const bomb = gzipSync(Buffer.alloc(120_000_000))
  assert.is(await refusal(bomb), 'it unpacks to more than 100 MB')
  const zeros = await tar([{ name: 'x/files/zero', content: Buffer.alloc(120_000_000) }])
  assert.is(await refusal(zeros), 'it unpacks to more than 100 MB')
  const twice = await tar([{ name: 'x/charts/sub-1.0.0.tgz', content: zeros }])
  assert.is(await refusal(twice), 'it unpacks to more than 100 MB')
  const templates = await tar([{ name: 'x/templates/a', content: Buffer.alloc(40_000_000) }])
  assert.is(await refusal(templates), 'its templates are larger than 32 MB')
})

test('subcharts within subcharts without end are refused', async () => {
  let inner = await tar([{ name: 'x/Chart.yaml' }])
  for (let depth = 0; depth < 10; depth++)
    inner = await tar([{ name: 'x/charts/x-1.0.0.tgz', content: inner }])
  assert.is(await refusal(inner), 'its subcharts are nested too deeply')
})

test.run()
