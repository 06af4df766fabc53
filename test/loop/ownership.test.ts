// Whatever is done to two HelmReleases, and whenever their operator is stopped or killed: none of them ever touches what belongs to
// the other or was made by hand, and nothing of theirs stays behind unsaid.
import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import { parseAllDocuments } from 'yaml'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import type { Obj, SandboxApi } from '../../lib/sandbox/types.ts'
import { createFakeHelm, type Doing, type FakeHelm, type Place } from '../helpers/fakehelm.ts'
import { startInProcess, turns, type InProcess } from '../helpers/inprocess.ts'
import { realClock } from '../helpers/sandbox.ts'
import { seeded } from '../helpers/seed.ts'

const test = suite('two HelmReleases and a release that was made by hand')

const kind = 'helmreleases.helm.fluxcd.io'
const crd = new URL('../../crds/helmreleases.helm.fluxcd.io.yaml', import.meta.url)
const definitions = parseAllDocuments(await readFile(crd, 'utf8')).map(
  (document) => document.toJS() as Obj,
)
const namespace = 'shop'
const byHand: Place = { namespace, releaseName: 'hand' }

type Spec = {
  releaseName: string
  targetNamespace: string
  values: object
  chart: object
  rollback: object
}
type Step =
  | { do: 'write'; name: string; place: Place; values: object; version: string; rollback: boolean }
  | { do: 'delete' | 'recreate'; name: string }
  | { do: 'stop' | 'kill' }
  | { do: 'hand'; what: 'upgrade' | 'uninstall' | 'replace'; place: Place }
// calm: turns of the event loop until the next step; "quiet" until everything has settled.
type Timed = { step: Step; calm: number | 'quiet' }
type Story = {
  steps: readonly Timed[]
  delays: readonly number[]
  survives: boolean
  finalizers: boolean
}

const names = fc.constantFrom('a', 'b')
const places: fc.Arbitrary<Place> = fc.record({
  namespace: fc.constantFrom('shop', 'shop', 'other'),
  releaseName: fc.constantFrom('x', 'y', 'hand'),
})
const write: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('write' as const),
  name: names,
  place: places,
  values: fc.record(
    { mode: fc.constantFrom('refuse', 'fail'), bare: fc.constant(true), n: fc.nat(3) },
    { requiredKeys: ['n'] },
  ),
  version: fc.constantFrom('1.0.0', '1.0.0', '1.0.0', 'missing'),
  rollback: fc.boolean(),
})
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: write },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('delete' as const, 'recreate' as const),
      name: names,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'kill' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('hand' as const),
      what: fc.constantFrom('upgrade' as const, 'uninstall' as const, 'replace' as const),
      place: places,
    }),
  },
)
const stories: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(
    fc.record({ step: steps, calm: fc.oneof(fc.nat(60), fc.constant('quiet' as const)) }),
    { minLength: 2, maxLength: 12 },
  ),
  delays: fc.array(fc.nat(3), { minLength: 3, maxLength: 9 }),
  survives: fc.boolean(),
  finalizers: fc.constantFrom(true, true, true, false),
})

const formatPlace = (place: Place): string => `${place.namespace}/${place.releaseName}`

// What is known of the world without asking the operator.
type Ledger = {
  // Places that a HelmRelease has ever named.
  named: Map<string, Set<string>>
  // The place that it names now, and how many writes there had been when it began to.
  names: Map<string, { place: string; since: number }>
  writes: { by: string; place: string }[]
  wrongs: string[]
  said: string[]
}

function judge(ledger: Ledger, { by, what, place, stored }: Doing): void {
  const at = formatPlace(place)
  const wrong = (why: string): void => {
    const seen = stored.map((one) => `${one.revision} by ${one.by}${one.isGood ? '' : ' (bad)'}`)
    ledger.wrongs.push(`${by} does ${what} ${at}, ${why}; there: ${seen.join(', ')}`)
  }
  if (!ledger.named.get(by)?.has(at)) wrong('which it has never named')
  const good = stored.find((one) => one.isGood && one.by !== 'hand')
  const isAllBy = (name: string): boolean => stored.every((one) => one.by === name)
  if (what === 'uninstall') {
    const isItsOwn = good === undefined ? isAllBy(by) : good.by === by
    if (!isItsOwn) wrong('which is not its own')
    return
  }
  const other = by === 'a' ? 'b' : 'a'
  const { place: wanted, since = 0 } = ledger.names.get(other) ?? {}
  const hasWritten = ledger.writes.slice(since).some((one) => one.by === other && one.place === at)
  const isOthers = good === undefined ? stored.length > 0 && isAllBy(other) : good.by === other
  if (wanted === at && hasWritten && isOthers) wrong(`which belongs to ${other}`)
  ledger.writes.push({ by, place: at })
}

type World = { api: SandboxApi; helm: FakeHelm; ledger: Ledger; start: () => InProcess }

function openWorld(story: Story): World & { end: () => void } {
  const clock = realClock()
  const sandbox = createSandbox({ clock, random: Math.random })
  const { api } = sandbox
  for (const definition of definitions)
    api.create('customresourcedefinitions.apiextensions.k8s.io', definition)
  for (const name of ['shop', 'other'])
    api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } as Obj)
  const ledger: Ledger = { named: new Map(), names: new Map(), writes: [], wrongs: [], said: [] }
  const helm = createFakeHelm(
    api,
    (doing) => judge(ledger, doing),
    () => story.survives,
  )
  let asked = 0
  const delay = () => turns(story.delays[asked++ % story.delays.length])
  const onEvent = (reason: string, message: string) => void ledger.said.push(`${reason} ${message}`)
  const { finalizers } = story
  return {
    ...{ api, helm, ledger, end: () => sandbox.stop() },
    start: () => startInProcess({ sandbox, helm, finalizers, delay, onEvent }),
  }
}

function specOf({ place, values, version, rollback }: Step & { do: 'write' }): Spec {
  return {
    ...{ releaseName: place.releaseName, targetNamespace: place.namespace, values },
    chart: { repository: 'http://charts', name: 'web', version },
    rollback: { enable: rollback },
  }
}

function writeRelease({ api, ledger }: World, name: string, spec: Spec): void {
  const place = `${spec.targetNamespace}/${spec.releaseName}`
  const before = api.get(kind, namespace, name)
  if (before?.metadata.deletionTimestamp !== undefined) return
  if (before === undefined)
    api.create(kind, {
      ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', spec },
      metadata: { name, namespace },
    } as unknown as Obj)
  else api.update(kind, { ...before, spec } as unknown as Obj)
  ledger.named.set(name, (ledger.named.get(name) ?? new Set()).add(place))
  if (before === undefined || ledger.names.get(name)?.place !== place)
    ledger.names.set(name, { place, since: ledger.writes.length })
}

function removeRelease({ api, ledger }: World, name: string): void {
  if (api.get(kind, namespace, name) === undefined) return
  api.delete(kind, namespace, name)
  ledger.names.delete(name)
}

async function take(world: World, operator: InProcess, step: Step): Promise<InProcess> {
  const { api, helm } = world
  switch (step.do) {
    case 'write':
      writeRelease(world, step.name, specOf(step))
      return operator
    case 'delete':
      removeRelease(world, step.name)
      return operator
    case 'recreate': {
      const before = api.get(kind, namespace, step.name)
      removeRelease(world, step.name)
      if (api.get(kind, namespace, step.name) !== undefined) await operator.quiet()
      if (before !== undefined) writeRelease(world, step.name, before['spec'] as unknown as Spec)
      return operator
    }
    case 'stop':
      await operator.stop()
      return world.start()
    case 'kill':
      operator.kill()
      return world.start()
    case 'hand':
      if (step.what !== 'upgrade') helm.byHand.uninstall(step.place)
      await turns()
      if (step.what !== 'uninstall') helm.byHand.upgrade(step.place)
      await turns()
      return operator
  }
}

// Releases that a HelmRelease has made or taken over, and that nobody was told of.
function orphansOf({ helm, ledger }: World): string[] {
  return helm.places().flatMap((place) => {
    const stored = helm.stored(place)
    const isOurs =
      stored.some(({ by, isGood }) => by !== 'hand' && isGood) ||
      stored.every(({ by }) => by !== 'hand')
    const words = `ReleaseLeftBehind Release "${place.releaseName}" in namespace "${place.namespace}"`
    const isSaid = ledger.said.some((message) => message.startsWith(words))
    return isOurs && !isSaid ? [formatPlace(place)] : []
  })
}

async function play(story: Story): Promise<string[]> {
  const world = openWorld(story)
  world.helm.byHand.upgrade(byHand)
  await turns()
  let operator = world.start()
  try {
    for (const { step, calm } of story.steps) {
      operator = await take(world, operator, step)
      await (calm === 'quiet' ? operator.quiet() : turns(calm))
    }
    for (const name of ['a', 'b']) removeRelease(world, name)
    await operator.quiet()
    const left = world.api.list(kind).map(({ metadata }) => `HelmRelease ${metadata.name} is left`)
    const orphans = story.finalizers ? orphansOf(world).map((place) => `${place} is orphaned`) : []
    const wrongs = [...world.ledger.wrongs, ...left, ...orphans]
    if (wrongs.length > 0) wrongs.push(...world.ledger.said, ...operator.log)
    return wrongs
  } finally {
    await operator.stop()
    world.end()
  }
}

test('touch nothing of each other or of that, and leave nothing behind unsaid', async () => {
  let count = 0
  const property = fc.asyncProperty(stories, async (story) => {
    count += story.steps.length
    const wrongs = await play(story)
    if (wrongs.length > 0) throw new Error(wrongs.join('\n'))
  })
  await fc.assert(property, seeded('sequences of edits, moves, deletions and restarts', 40))
  process.stdout.write(`${count} steps\n`)
})

test.run()
