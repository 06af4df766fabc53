import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ReleaseCache } from '../../lib/loop/cache.ts'
import { queueEdits, watchReleases } from '../../lib/loop/watch.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { WatchEvent } from '../../lib/model/ports.ts'
import { fakeClock } from '../helpers/clock.ts'
import { workQueue } from '../helpers/queue.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('watchReleases()')

const spec = { chart: {} }
const status = { phase: 'Succeeded' }
const annotated = { annotations: { 'fluxcd.io/sync-checksum': 'a' } }

function version(
  resourceVersion: string,
  over: { spec?: object; metadata?: object; status?: object },
) {
  const metadata = { resourceVersion, ...over.metadata }
  return wireRelease(over.spec ?? spec, { ...over, metadata })
}

// What a stream tells of an object that went while it was not looking.
function stubOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata }
}

const nothing = (): void => {}

// Every key that a pass was asked for, one by one, and those that somebody wants looked at.
async function told(events: readonly WatchEvent[]): Promise<{ passes: number; asked: boolean }> {
  const cache = new ReleaseCache()
  const queue = workQueue({ clock: fakeClock() })
  queueEdits({ cache, queue, onSeen: nothing, onDeleting: nothing })
  let passes = 0
  const one = async function* (event: WatchEvent): AsyncGenerator<WatchEvent> {
    yield event
  }
  const group = 'helm.fluxcd.io'
  for (const event of events) {
    const stream = { events: () => one(event) }
    const { signal } = new AbortController()
    await watchReleases({ group, stream, cache, signal, onDeleted: nothing, onFault: nothing })
    if (queue.length === 0) continue
    queue.done((await queue.take())!)
    passes += 1
  }
  return { passes, asked: cache.asked.size > 0 }
}

const first: WatchEvent = { type: 'ADDED', object: version('1', {}) }
const then = (object: KubeObject): WatchEvent[] => [first, { type: 'MODIFIED', object }]

for (const [what, events, passes, asked] of [
  ['an object that appears', [first], 1, false],
  ['an object that is told of twice', [first, first], 1, false],
  ['a new status', then(version('2', { status })), 1, false],
  ['an edited spec', then(version('2', { spec: { chart: {}, wait: true } })), 2, true],
  ['an annotation', then(version('2', { metadata: annotated })), 2, true],
  ['a label', then(version('2', { metadata: { labels: { team: 'blue' } } })), 2, true],
  [
    'an edited spec that comes with a new status',
    then(version('2', { spec: { chart: {}, wait: true }, status })),
    2,
    true,
  ],
  [
    'an annotation that comes with a new status',
    then(version('2', { metadata: annotated, status })),
    2,
    true,
  ],
  ['a finalizer', then(version('2', { metadata: { finalizers: ['a/b'] } })), 1, false],
  [
    'a deletion that begins',
    then(version('2', { metadata: { deletionTimestamp: '2026-01-01T12:00:00Z' } })),
    2,
    true,
  ],
  [
    'a version older than the one before',
    [{ type: 'ADDED', object: version('5', {}) }, ...then(version('4', { metadata: annotated }))],
    1,
    false,
  ],
] as const)
  test(`${what}: ${passes === 1 ? 'no pass but the first' : 'a second pass'}`, async () => {
    assert.equal(await told(events as readonly WatchEvent[]), { passes, asked })
  })

// Makes the first pass, has a status write answered with this, and counts the passes once the stream has told it too.
async function passesAfterAnswer(answer: KubeObject): Promise<number> {
  const cache = new ReleaseCache()
  const queue = workQueue({ clock: fakeClock() })
  queueEdits({ cache, queue, onSeen: nothing, onDeleting: nothing })
  let passes = 0
  const steps = [
    () => cache.put('helm.fluxcd.io/shop/api', version('1', {})),
    () => cache.update('helm.fluxcd.io/shop/api', answer),
    () => cache.put('helm.fluxcd.io/shop/api', answer),
  ]
  for (const step of steps) {
    step()
    if (queue.length === 0) continue
    queue.done((await queue.take())!)
    passes += 1
  }
  return passes
}

for (const [what, answer, passes] of [
  ['nothing but the new status', version('2', { status }), 1],
  ['an edited spec', version('2', { spec: { chart: {}, wait: true }, status }), 2],
  ['an annotation', version('2', { metadata: annotated, status }), 2],
  ['an edit that was undone since', version('3', { metadata: { generation: 5 }, status }), 2],
  [
    'a deletion that begins',
    version('2', { metadata: { deletionTimestamp: '2026-01-01T12:00:00Z' }, status }),
    2,
  ],
] as const)
  test(`the answer to a status write brings ${what}: ${passes === 1 ? 'no pass but the first' : 'a second pass'}`, async () => {
    assert.is(await passesAfterAnswer(answer), passes)
  })

test('after a start, what nobody has come to yet goes before what is only looked at anew', async () => {
  const cache = new ReleaseCache()
  const queue = workQueue({ clock: fakeClock() })
  queueEdits({ cache, queue, onSeen: nothing, onDeleting: nothing })
  const metadata = { generation: 2 }
  for (const [name, observedGeneration] of [
    ['known', 2],
    ['edited', 1],
    ['new', undefined],
  ] as const)
    cache.put(name, version('1', { metadata, status: { observedGeneration } }))
  const taken = [await queue.take(), await queue.take(), await queue.take()]
  assert.equal(taken, ['edited', 'new', 'known'])
})

test('an edit goes before what is seen for the first time', async () => {
  const cache = new ReleaseCache()
  const queue = workQueue({ clock: fakeClock() })
  queueEdits({ cache, queue, onSeen: nothing, onDeleting: nothing })
  cache.put('known', version('1', { metadata: { generation: 1 } }))
  await queue.take()
  queue.done('known')
  cache.put('new', version('2', { metadata: { generation: 1 } }))
  const edit = { metadata: { generation: 2 }, spec: { values: { a: 2 } } }
  cache.put('known', version('3', edit))
  assert.equal([await queue.take(), await queue.take()], ['known', 'new'])
})

test('an edit while the deletion is under way does not end the work on it', () => {
  const cache = new ReleaseCache()
  const queue = workQueue({ clock: fakeClock() })
  let ended = 0
  queueEdits({ cache, queue, onSeen: nothing, onDeleting: () => void (ended += 1) })
  const going = { deletionTimestamp: '2026-01-01T12:00:00Z' }
  cache.put('helm.fluxcd.io/shop/api', version('1', {}))
  cache.put('helm.fluxcd.io/shop/api', version('2', { metadata: going }))
  cache.put('helm.fluxcd.io/shop/api', version('3', { metadata: { ...going, ...annotated } }))
  assert.is(ended, 1)
})

for (const [what, gone] of [
  ['that is told of by its name only is handed on as it was last known', stubOf(version('1', {}))],
  ['is handed on as it is told', version('2', { spec: { chart: { name: 'newer' } } })],
] as const)
  test(`an object that went and ${what}`, async () => {
    const cache = new ReleaseCache()
    const last: KubeObject[] = []
    const stream = {
      events: async function* (): AsyncGenerator<WatchEvent> {
        yield { type: 'ADDED', object: version('1', { spec: { chart: { name: 'web' } } }) }
        yield { type: 'DELETED', object: gone }
      },
    }
    const onDeleted = (_: string, object: KubeObject) => void last.push(object)
    const { signal } = new AbortController()
    const group = 'helm.fluxcd.io'
    await watchReleases({ group, stream, cache, signal, onDeleted, onFault: nothing })
    const name = 'spec' in gone ? 'newer' : 'web'
    assert.equal(
      last.map((object) => object['spec']),
      [{ chart: { name } }],
    )
  })

test('an object that nobody can cope with is told of, and those after it are watched', async () => {
  const cache = new ReleaseCache()
  const queue = workQueue({ clock: fakeClock() })
  const stream = {
    events: async function* (): AsyncGenerator<WatchEvent> {
      for (const name of ['bad', 'good'])
        yield { type: 'ADDED', object: version('1', { metadata: { name } }) }
    },
  }
  const seen: string[] = []
  const faults: string[] = []
  queueEdits({
    ...{ cache, queue, onDeleting: nothing },
    onSeen: (key, { metadata }) => {
      if (metadata.name === 'bad') throw new TypeError('a bug')
      seen.push(key)
    },
  })
  await watchReleases({
    ...{ group: 'helm.fluxcd.io', stream, cache, signal: new AbortController().signal },
    onDeleted: nothing,
    onFault: (key, error) => faults.push(`${key}: ${(error as Error).message}`),
  })
  assert.equal(seen, ['helm.fluxcd.io/shop/good'])
  assert.equal(faults, ['helm.fluxcd.io/shop/bad: a bug'])
})

test('an edit of what is nested 4,000 levels deep is worth a pass, its status is not', async () => {
  const nested = (inner: unknown): object => {
    let values = inner
    for (let level = 0; level < 4_000; level++) values = { a: values }
    return { chart: {}, values }
  }
  const events = (spec: object): WatchEvent[] => [
    { type: 'ADDED', object: version('1', { spec: nested(1) }) },
    { type: 'MODIFIED', object: version('2', { spec, status }) },
  ]
  assert.is((await told(events(nested(2)))).passes, 2)
  assert.is((await told(events(nested(1)))).passes, 1)
})

test.run()
