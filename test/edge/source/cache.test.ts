import { Buffer } from 'node:buffer'
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
import { findOnPath } from '../../../lib/edge/lookup.ts'
import { createRunner } from '../../../lib/edge/exec.ts'
import { fileUsage } from '../../../lib/edge/quota/growth.ts'
import type { CacheQuota } from '../../../lib/edge/quota/quota.ts'
import { openDiskCache, type DiskCache, type Make } from '../../../lib/edge/source/cache.ts'
import { fakeClock, type FakeClock } from '../../helpers/clock.ts'
import { failureOf } from '../../helpers/failure.ts'
import { recordLog } from '../../helpers/log.ts'
import { testQuota } from '../../helpers/quota.ts'

const test = suite('disk cache')

type Caching = {
  directory: string
  clock: FakeClock
  quota: () => CacheQuota
  open: () => Promise<DiskCache>
}

// Room for two files.
const twoFiles = 10_000

async function withCache<T>(use: (caching: Caching) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'cache-test-'))
  const directory = join(parent, 'cache')
  const clock = fakeClock(Date.now())
  let quota = testQuota()
  try {
    return await use({
      ...{ directory, clock },
      quota: () => quota,
      open: () => {
        quota = testQuota({ total: twoFiles }, { clock })
        return openDiskCache({ directory, quota, clock })
      },
    })
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}

const write =
  (text: string): Make =>
  async (draft, room) => {
    await room.grow(fileUsage(text.length))
    await writeFile(draft, text)
  }

const origin = { source: 'a repository', what: 'it' }

test('makes a thing once, also when many ask at the same time', async () => {
  await withCache(async ({ open }) => {
    const cache = await open()
    let made = 0
    const get = () => cache.get('a', origin, async (draft) => (made++, await writeFile(draft, 'x')))
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
    const failing = cache.get('a', origin, async (draft) => {
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

test('throws away what was used least recently, however lately that was, but nothing that is in use', async () => {
  await withCache(async ({ open, clock, directory, quota }) => {
    const cache = await open()
    const kept = async (): Promise<string[]> => (await readdir(directory)).sort()
    for (const name of ['a', 'b']) {
      await cache.get(name, origin, write('x'))
      await clock.advance(1)
    }
    assert.ok(await cache.has('a'))
    await cache.get('c', origin, write('x'))
    assert.equal(await kept(), ['a', 'c'])
    const release = quota().hold(cache.path('a'))
    await clock.advance(1)
    await cache.get('d', origin, write('x'))
    assert.equal(await kept(), ['a', 'd'], 'a was used longest ago, and is in use')
    quota().hold(cache.path('d'))
    const { code } = await failureOf(cache.get('e', origin, write('x')))
    assert.is(code, 'QuotaExceeded', 'all of it is in use')
    assert.equal(await kept(), ['a', 'd'])
    release()
    await cache.get('e', origin, write('x'))
    assert.equal(await kept(), ['d', 'e'])
  })
})

test('counts directories by what is in them', async () => {
  await withCache(async ({ open, clock, directory }) => {
    const cache = await open()
    await cache.get('tree', origin, async (draft) => {
      await mkdir(join(draft, 'deep'), { recursive: true })
      for (const name of ['one', 'two']) await writeFile(join(draft, 'deep', name), 'x')
    })
    await clock.advance(1)
    await cache.get('b', origin, write('x'))
    assert.equal(await readdir(directory), ['b'])
  })
})

// Only root can mount a disk that is small enough to fill, and only where there is a program for it.
if (process.getuid?.() === 0 && findOnPath('mount', process.env.PATH) !== undefined)
  test('makes room on a full disk, by use, and says so when there is none to make', async () => {
    await withCache(async ({ directory, clock }) => {
      await mkdir(directory, { mode: 0o700 })
      const run = createRunner({ env: process.env })
      await run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', directory])
      try {
        const { log, messages } = recordLog()
        const quota = testQuota({}, { clock, log })
        const cache = await openDiskCache({ directory, quota, clock })
        const fill: Make = (draft) => writeFile(draft, Buffer.alloc(400_000))
        for (const name of ['a', 'b', 'c']) {
          await cache.get(name, origin, fill)
          await clock.advance(1)
        }
        assert.equal(messages, ['warn disk is full: what was used longest ago goes'])
        assert.ok((await readdir(directory)).includes('c'))
        const failure = failureOf(
          cache.get('d', origin, (draft) => writeFile(draft, Buffer.alloc(2_000_000))),
        )
        assert.is((await failure).code, 'DiskFull')
        assert.match((await failure).message, /: no space is left; free some, or point --cache-dir/)
      } finally {
        await run(['umount', directory])
      }
    })
  })

test('knows after a restart what is there and how long it was not used', async () => {
  await withCache(async ({ open, clock, directory }) => {
    const before = await open()
    for (const name of ['old', 'young']) {
      await before.get(name, origin, write('x'))
      await clock.advance(2_000)
    }
    const cache = await open()
    const path = await cache.get('old', origin, async () => assert.unreachable())
    assert.is(path, join(directory, 'old'))
    await cache.get('new', origin, write('x'))
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
    await rm(await cache.get('a', origin, write('x')))
    assert.not(await cache.has('a'))
    assert.is(await readFile(await cache.get('a', origin, write('y')), 'utf8'), 'y')
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
