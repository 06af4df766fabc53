import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDiskCache, type DiskCache } from '../../../lib/edge/source/cache.ts'
import { fakeClock, type FakeClock } from '../../helpers/clock.ts'

const test = suite('disk cache')

type Caching = { directory: string; clock: FakeClock; open: () => Promise<DiskCache> }

async function withCache<T>(use: (caching: Caching) => Promise<T>, maxBytes = 100): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'cache-test-'))
  const directory = join(parent, 'cache')
  const clock = fakeClock(Date.now())
  try {
    return await use({
      directory,
      clock,
      open: () => openDiskCache({ directory, maxBytes, keepMs: 1_000, clock }),
    })
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

const write =
  (text: string) =>
  (draft: string): Promise<void> =>
    writeFile(draft, text)

test('makes a thing once, also when many ask at the same time', async () => {
  await withCache(async ({ open }) => {
    const cache = await open()
    let made = 0
    const get = () => cache.get('a', async (draft) => (made++, await writeFile(draft, 'x')))
    const paths = await Promise.all([get(), get(), get()])
    assert.is(await readFile(paths[0]!, 'utf8'), 'x')
    assert.equal(new Set(paths).size, 1)
    await get()
    assert.is(made, 1)
  })
})

test('keeps nothing of what could not be made', async () => {
  await withCache(async ({ open, directory }) => {
    const cache = await open()
    const failing = cache.get('a', async (draft) => {
      await writeFile(draft, 'half')
      throw new Error('no')
    })
    await failing.then(
      () => assert.unreachable(),
      (error: Error) => assert.is(error.message, 'no'),
    )
    assert.equal(await readdir(directory), [])
    assert.not(await cache.has('a'))
  })
})

test('throws away what was used least recently, but nothing that was used just now', async () => {
  await withCache(async ({ open, clock, directory }) => {
    const cache = await open()
    for (const name of ['a', 'b', 'c']) {
      await cache.get(name, write('x'.repeat(40)))
      await clock.advance(400)
    }
    assert.equal((await readdir(directory)).sort(), ['a', 'b', 'c'], 'all are younger than 1 s')
    await clock.advance(1_000)
    assert.ok(await cache.has('a'))
    await cache.get('d', write('x'.repeat(40)))
    assert.equal((await readdir(directory)).sort(), ['a', 'd'])
  })
})

test('counts directories by what is in them', async () => {
  await withCache(async ({ open, clock, directory }) => {
    const cache = await open()
    await cache.get('tree', async (draft) => {
      await mkdir(join(draft, 'deep'), { recursive: true })
      await writeFile(join(draft, 'deep/file'), 'x'.repeat(80))
    })
    await clock.advance(2_000)
    await cache.get('b', write('x'.repeat(40)))
    assert.equal(await readdir(directory), ['b'])
  })
})

test('knows after a restart what is there and how long it was not used', async () => {
  await withCache(async ({ open, clock, directory }) => {
    const before = await open()
    for (const name of ['old', 'young']) {
      await before.get(name, write('x'.repeat(40)))
      await clock.advance(2_000)
    }
    const cache = await open()
    const path = await cache.get('old', async () => assert.unreachable())
    assert.is(path, join(directory, 'old'))
    await cache.get('new', write('x'.repeat(40)))
    assert.equal((await readdir(directory)).sort(), ['new', 'old'])
  })
})

test('sweeps drafts of the dead, not those of the living', async () => {
  await withCache(async ({ open, clock, directory }) => {
    await open()
    const [dead, living] = [join(directory, '.draft-dead'), join(directory, '.draft-living')]
    await mkdir(dead)
    await mkdir(living)
    const longAgo = clock.now() / 1_000 - 3_600
    await utimes(dead, longAgo, longAgo)
    await open()
    assert.equal(await readdir(directory), ['.draft-living'])
  })
})

test('notices when somebody else has cleaned up', async () => {
  await withCache(async ({ open }) => {
    const cache = await open()
    await rm(await cache.get('a', write('x')))
    assert.not(await cache.has('a'))
    assert.is(await readFile(await cache.get('a', write('y')), 'utf8'), 'y')
  })
})

test('is readable by nobody else, and refuses a directory that somebody else can write to', async () => {
  await withCache(async ({ open, directory }) => {
    await open()
    assert.is((await stat(directory)).mode & 0o777, 0o700)
    await chmod(directory, 0o777)
    await open().then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /somebody else can write there/),
    )
  })
})

// Only root can give a directory away.
if (process.getuid?.() === 0)
  test('refuses a directory that lies in one of somebody else', async () => {
    await withCache(async ({ open, directory }) => {
      await open()
      await chown(dirname(directory), 65_534, 65_534)
      await open().then(
        () => assert.unreachable(),
        (error: Error) => assert.match(error.message, /somebody else can write there/),
      )
    })
  })

test.run()
