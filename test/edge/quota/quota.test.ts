// Who has to make room for whom.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CacheKind, CacheQuota } from '../../../lib/edge/quota/quota.ts'
import { failureOf } from '../../helpers/failure.ts'
import { testQuota } from '../../helpers/quota.ts'

const test = suite('quota of caches')

const mib = 1024 * 1024

type Content = { kind?: CacheKind; source?: string; bytes: number; usedAt?: number }

// Items by name; `gone` has the names of those that were taken off the disk.
function fill(quota: CacheQuota, contents: Record<string, Content>): string[] {
  const gone: string[] = []
  for (const [name, { kind = 'exports', source = name, bytes, usedAt = 0 }] of Object.entries(
    contents,
  )) {
    const remove = async (): Promise<void> => void gone.push(name)
    quota.put(name, { kind, source, bytes, usedAt, remove })
  }
  return gone
}

async function ask(
  quota: CacheQuota,
  { kind = 'exports', source = 'new', bytes }: Content,
): Promise<void> {
  await quota.reserve({ kind, source, what: `the ${kind} of ${source}` }).grow(bytes)
}

test('a source that floods makes room for itself, and leaves everybody else what they have', async () => {
  const quota = testQuota({ exports: 10 * mib })
  const gone = fill(quota, { other: { bytes: 4 * mib, usedAt: 0 } })
  for (let round = 1; round <= 50; round++) {
    await ask(quota, { source: 'flood', bytes: 0 })
    const room = quota.reserve({ kind: 'exports', source: 'flood', what: 'it' })
    await room.grow(2 * mib)
    room.end()
    const name = `flood-${round}`
    const remove = async (): Promise<void> => void gone.push(name)
    quota.put(name, { kind: 'exports', source: 'flood', bytes: 2 * mib, usedAt: round, remove })
  }
  assert.is(gone.length, 48)
  assert.not.ok(gone.includes('other'))
})

test('what is more than the share of one source is refused, and nothing goes for it but what is its own', async () => {
  const quota = testQuota({ exports: 10 * mib })
  const gone = fill(quota, { other: { bytes: mib } })
  assert.equal(await failureOf(ask(quota, { bytes: 6 * mib })), {
    code: 'QuotaExceeded',
    message:
      'Cannot keep the exports of new: it needs more than the 5 MiB that one source may have of exports; raise --cache-quota-exports, and the volume it is on',
  })
  assert.equal(gone, [])
})

test('a namespace that floods with many sources makes room for itself, and leaves others a quarter', async () => {
  const quota = testQuota({ exports: 20 * mib })
  const gone = fill(quota, {
    other: { bytes: 4 * mib, usedAt: 0 },
    shared: { bytes: mib, usedAt: 1 },
  })
  quota.ask('other', 'shop')
  for (const namespace of ['flood', 'shop']) quota.ask('shared', namespace)
  for (let round = 1; round <= 50; round++) {
    const source = `flood-${round}`
    quota.ask(source, 'flood')
    const room = quota.reserve({ kind: 'exports', source, what: 'it' })
    await room.grow(3 * mib)
    room.end()
    const remove = async (): Promise<void> => void gone.push(source)
    quota.put(source, { kind: 'exports', source, bytes: 3 * mib, usedAt: round + 1, remove })
  }
  assert.is(gone.length, 45)
  assert.equal(
    gone.filter((name) => !name.startsWith('flood')),
    [],
  )
})

test('a namespace is refused what does not fit beside what it has in use', async () => {
  const quota = testQuota({ exports: 20 * mib })
  fill(quota, { a: { bytes: 9 * mib }, b: { bytes: 4 * mib } })
  for (const source of ['a', 'b', 'c']) quota.ask(source, 'flood')
  for (const source of ['a', 'b']) quota.hold(source)
  assert.equal(await failureOf(ask(quota, { source: 'c', bytes: 3 * mib })), {
    code: 'QuotaExceeded',
    message:
      'Cannot keep the exports of c: all of the 15 MiB that one namespace may have of exports are in use; raise --cache-quota-exports, and the volume it is on',
  })
  await ask(quota, { source: 'd', bytes: 3 * mib })
})

test('a kind that is full makes room in its kind, what was used longest ago first', async () => {
  const quota = testQuota({ exports: 10 * mib })
  const gone = fill(quota, {
    archive: { kind: 'archives', bytes: 9 * mib, usedAt: 0 },
    old: { bytes: 4 * mib, usedAt: 2 },
    older: { bytes: 4 * mib, usedAt: 1 },
  })
  await ask(quota, { bytes: 4 * mib })
  assert.equal(gone, ['older'])
  await ask(quota, { source: 'newer', bytes: mib })
  assert.equal(gone, ['older'])
})

test('when all of it is full, what was used longest ago goes, of whatever kind', async () => {
  const quota = testQuota({ total: 10 * mib })
  const gone = fill(quota, {
    mirror: { kind: 'mirrors', bytes: 3 * mib, usedAt: 2 },
    index: { kind: 'indexes', bytes: 3 * mib, usedAt: 1 },
    archive: { kind: 'archives', bytes: 3 * mib, usedAt: 3 },
  })
  await ask(quota, { bytes: 2 * mib })
  assert.equal(gone, ['index'])
})

test('what is in use stays, and what is on its way counts', async () => {
  const quota = testQuota({ total: 10 * mib })
  const gone = fill(quota, { mirror: { kind: 'mirrors', bytes: 6 * mib } })
  const releases = [quota.hold('mirror'), quota.hold('mirror')]
  const room = quota.reserve({ kind: 'exports', source: 'new', what: 'it' })
  await room.grow(4 * mib)
  const failing = { kind: 'archives', source: 'another', bytes: mib } as const
  assert.equal(await failureOf(ask(quota, failing)), {
    code: 'QuotaExceeded',
    message:
      'Cannot keep the archives of another: all of the 10 MiB for caches are in use right now; raise --cache-quota, and the volume it is on',
  })
  releases[0]!()
  releases[0]!()
  assert.is(
    (await failureOf(ask(quota, failing))).code,
    'QuotaExceeded',
    'held by the other one still',
  )
  releases[1]!()
  await ask(quota, failing)
  assert.equal(gone, ['mirror'])
})

test('two that ask at once are not given the same room', async () => {
  const quota = testQuota({ exports: 100 * mib, total: 10 * mib })
  const asked = ['a', 'b', 'c'].map((source) => ask(quota, { source, bytes: 4 * mib }))
  const ended = await Promise.allSettled(asked)
  assert.is(ended.filter(({ status }) => status === 'fulfilled').length, 2)
})

test('a full disk has a tenth of the quota freed, or nothing if all is in use', async () => {
  const quota = testQuota({ total: 30 * mib })
  const gone = fill(quota, {
    a: { bytes: 2 * mib, usedAt: 1 },
    b: { bytes: 2 * mib, usedAt: 2 },
    c: { bytes: 2 * mib, usedAt: 3 },
  })
  assert.ok(await quota.makeRoom())
  assert.equal(gone, ['a', 'b'])
  quota.hold('c')
  assert.not.ok(await quota.makeRoom())
})

test.run()
