// No edit is lost, however the operator's own writes, their answers and the watch overtake each other.
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecs } from '../../lib/api/codec.ts'
import { ReleaseCache } from '../../lib/loop/cache.ts'
import { Claims } from '../../lib/loop/claims.ts'
import type { Access, SharedDeps } from '../../lib/loop/deps.ts'
import { operate } from '../../lib/loop/operate.ts'
import { Reservations } from '../../lib/loop/reservations.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { SecretBook } from '../../lib/util/secrets.ts'
import { fakeClock, type FakeClock } from '../helpers/clock.ts'
import { recordLog } from '../helpers/log.ts'
import { noMetrics } from '../helpers/metrics.ts'
import { wireRelease } from '../helpers/objects.ts'
import { workQueue } from '../helpers/queue.ts'
import { observed } from '../helpers/release.ts'
import { seeded } from '../helpers/seed.ts'
import { createSlowServer, type SlowServer } from '../helpers/slowserver.ts'

const test = suite('an edit of a HelmRelease')

const codec = codecs[0]!
// More and longer turns than all that can happen in one run.
const turns = 4
const turnMs = 4_000

type Step = { afterMs: number; kind: 'spec' | 'annotation' | 'revert' | 'interrupt' }
type Story = {
  steps: readonly Step[]
  // Each way of a request and each watch event takes the next of these.
  delays: readonly number[]
  // How each pass ends: before or after it has said that the chart was fetched.
  fails: readonly ('chart' | 'values')[]
  finalizers: boolean
  thenDeleted: boolean
}

const stories: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(
    fc.record({
      afterMs: fc.nat(120),
      kind: fc.constantFrom('spec', 'annotation', 'revert', 'interrupt'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  delays: fc.array(fc.nat(60), { minLength: 3, maxLength: 12 }),
  fails: fc.array(fc.constantFrom('chart', 'values'), { minLength: 1, maxLength: 4 }),
  finalizers: fc.boolean(),
  thenDeleted: fc.boolean(),
})

const chart = (version: string) => ({ repository: 'http://charts', name: 'web', version })
const first = wireRelease(
  { chart: chart('0.0.0'), valuesFrom: [{ externalSourceRef: { url: 'http://values' } }] },
  { metadata: { generation: 1 } },
)

// Does what a person does, and answers with what the object asks for in the end.
async function act(server: SlowServer, clock: FakeClock, { steps }: Story): Promise<void> {
  for (const [index, { afterMs, kind }] of steps.entries()) {
    await clock.advance(afterMs)
    if (kind === 'interrupt') server.interrupt()
    else
      server.edit((object) => {
        if (kind === 'annotation') object.metadata.annotations = { edit: String(index) }
        else
          object['spec'] = {
            ...first['spec']!,
            chart: chart(kind === 'spec' ? `${index}.1.0` : '0.0.0'),
          }
      })
  }
}

type Seen = Pick<HelmRelease, 'generation' | 'annotations' | 'uid'>

type World = Pick<SharedDeps, 'reservations'> & { server: SlowServer; clock: FakeClock }

function depsOf({ server, clock, reservations }: World, story: Story, seen: Seen[]): SharedDeps {
  const { fails, finalizers } = story
  const storage: Partial<Access['storage']> = {
    history: async () => [],
    watch: ({ signal }) => untilAborted(signal),
  }
  const fail = () => fails[seen.length % fails.length]
  return {
    ...{ clock, log: recordLog().log, metrics: noMetrics, finalizers },
    own: server.cluster,
    accessAs: () => ({ storage }) as unknown as Access,
    fetcher: {
      fetch: async () => {
        await clock.sleep(fails.length)
        if (fail() === 'values') return observed([]).artifact
        // Each failure is another one, so that each is news.
        throw new ReconcileError('ChartNotFound', `no chart for the ${seen.length}. time`)
      },
      newsInMs: () => Infinity,
    },
    readChartCrds: async () => [],
    readValues: async () => {
      throw new ReconcileError('ValuesSourceNotFound', `no values for the ${seen.length}. time`)
    },
    events: { record: async () => {} },
    ...{ secrets: new SecretBook(), cache: new ReleaseCache(), graves: new Map() },
    claims: new Claims([codec.group]),
    knowsAll: () => true,
    codecs: new Map([[codec.group, codec]]),
    helmFor: (desired) => {
      seen.push(desired)
      return {} as ReturnType<SharedDeps['helmFor']>
    },
    uninstallerFor: () => undefined,
    reservations,
    ...{ syncIntervalMs: Infinity, reportIntervalMs: 5_000, logDiffs: false },
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

type Told = { seen: readonly Seen[]; server: SlowServer; passes: number }

async function play(story: Story): Promise<Told> {
  const clock = fakeClock()
  let asked = 0
  const server = createSlowServer(clock, () => story.delays[asked++ % story.delays.length]!)
  const seen: Seen[] = []
  const queue = workQueue({ clock, backoff: () => 1_000 })
  const groupOf = (): string => 'shop'
  const reservations = new Reservations({
    total: 2,
    fetches: 4,
    groupOf,
    wake: (key) => queue.add(key),
  })
  const deps = depsOf({ server, clock, reservations }, story, seen)
  const abort = new AbortController()
  const streams = new Map([[codec.group, server.stream]])
  const ended = operate({
    ...{ deps, queue, streams, passes: 2, shutdownMs: 1_000 },
    signal: abort.signal,
  })
  server.create(first)
  await act(server, clock, story)
  if (story.thenDeleted) server.remove()
  for (let turn = 0; turn < turns; turn += 1) await clock.advance(turnMs)
  const passes = seen.length
  abort.abort()
  server.close()
  await ended
  return { seen, server, passes }
}

test('is seen by a pass, whatever overtakes what', async () => {
  const property = fc.asyncProperty(stories, async (story) => {
    const { seen, server, passes } = await play(story)
    const object = server.object()
    if (story.thenDeleted) assert.is(object, undefined, 'the object is let go')
    else {
      const last = seen.at(-1)
      assert.is(last?.generation, object?.metadata.generation, 'the newest spec is seen')
      assert.equal(last?.annotations, object?.metadata.annotations ?? {}, 'and the annotations')
    }
    const edits = story.steps.filter(({ kind }) => kind !== 'interrupt').length
    // A pass whose finalizer meets an edit is done again.
    assert.ok(passes <= 2 * edits + 2, `${passes} passes for ${edits} edits`)
  })
  await fc.assert(property, seeded('interleavings of edits and own writes', 10_000))
})

test.run()
