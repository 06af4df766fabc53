// Random lives of two HelmReleases with the real helm: a handful of what test/loop/ownership.test.ts plays by the hundred.
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seeded } from '../helpers/seed.ts'
import { sideBySide, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('two HelmReleases beside a release that was made by hand')

const names = ['web', 'other'] as const
const releases = ['left', 'right', 'hand'] as const
const patienceMs = 90_000

type Step =
  | {
      do: 'write'
      name: (typeof names)[number]
      release: (typeof releases)[number]
      values: object
    }
  | { do: 'delete'; name: (typeof names)[number] }

const name = fc.constantFrom(...names)
const write: fc.Arbitrary<Step> = fc.record({
  ...{ do: fc.constant('write' as const), name },
  release: fc.constantFrom('left' as const, 'right' as const),
  values: fc.record({ a: fc.nat(2) }),
})
// It takes more than a wish to take over what is there: this one cannot be upgraded.
const covet: fc.Arbitrary<Step> = fc.record({
  ...{ do: fc.constant('write' as const), name },
  ...{ release: fc.constant('hand' as const), values: fc.constant({ refuse: true }) },
})
const remove: fc.Arbitrary<Step> = fc.record({ do: fc.constant('delete' as const), name })
const life = fc.array(fc.oneof({ weight: 3, arbitrary: write }, covet, remove), {
  minLength: 4,
  maxLength: 7,
})

const kind = 'helmreleases.helm.fluxcd.io'

async function removeAndWait(
  { operator, namespace, kubectl }: Scene,
  which: string,
): Promise<void> {
  await kubectl('delete', `${kind}/${which}`, '--ignore-not-found', '--wait=false')
  await until(`${which} is gone`, () => operator.read(which, namespace) === undefined, patienceMs)
}

async function play(scene: Scene, steps: readonly Step[]): Promise<void> {
  const { helm, repository, operator, namespace } = scene
  await helm('install', 'hand', `${repository.url}/web-1.0.0.tgz`)
  for (const step of steps)
    if (step.do === 'delete') await removeAndWait(scene, step.name)
    else {
      const { release: releaseName, values } = step
      await scene.write({ releaseName, values: { ...values } }, { name: step.name })
      await until(`${step.name} was looked at`, () => isSeen(scene, step.name), patienceMs)
    }
  for (const one of names) await removeAndWait(scene, one)
  assert.equal(scene.history('hand'), ['1 deployed'])
  const said = operator.api
    .list('events', namespace)
    .filter(({ reason }) => reason === 'ReleaseLeftBehind')
    .map(({ message }) => String(message))
  for (const one of ['left', 'right'])
    if (!said.some((message) => message.includes(`"${one}"`))) assert.equal(scene.history(one), [])
}

function isSeen({ operator, namespace }: Scene, which: string): boolean {
  const object = operator.read(which, namespace)
  const { observedGeneration = 0 } = (object?.['status'] ?? {}) as { observedGeneration?: number }
  return observedGeneration >= (object?.metadata.generation ?? 1)
}

const { seed, numRuns } = seeded('lives with the real helm', 4)
const lives = fc.sample(life, { seed, numRuns })
const stories = Object.fromEntries(
  lives.map((steps) => [
    steps
      .map((one) => (one.do === 'delete' ? `${one.name}-` : `${one.name}:${one.release}`))
      .join(),
    (scene: Scene) => play(scene, steps),
  ]),
)
const playAll = sideBySide([], stories)
for (const title of Object.keys(stories))
  test(`leave that alone and nothing behind unsaid: ${title}`, () => playAll(title))

test.run()
