import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeMove, formerRelease, startAfresh } from '../../lib/plan/move.ts'
import { attempt, helmRelease, snapshot, memory } from '../helpers/release.ts'

const test = suite('a spec that names another release')

const here = { releaseName: 'shop-web', releaseNamespace: 'shop' }

for (const [situation, said, expected] of [
  ['nothing was released yet', {}, undefined],
  ['it is the same', here, undefined],
  ['it has another name', { ...here, releaseName: 'old' }, 'shop/old'],
  ['it is in another namespace', { ...here, releaseNamespace: 'old' }, 'old/shop-web'],
  [
    'fluxcd/helm-operator, which keeps no namespace, had another name',
    { releaseName: 'old' },
    'shop/old',
  ],
] as const)
  test(`leaves ${expected ?? 'nothing'} behind when ${situation}`, () => {
    const former = formerRelease(helmRelease({ memory: memory(said) }))
    const place = former && `${former.targetNamespace}/${former.releaseName}`
    assert.is(place, expected)
  })

test('begins with nothing that was said of the former one', () => {
  const before = memory({
    ...{ releaseName: 'old', releaseNamespace: 'shop', releaseStatus: 'deployed' },
    ...{ rollbackCount: 2, installFailures: 1, lastAttempt: attempt() },
    observedGeneration: 3,
    history: [snapshot(1)],
  })
  const after = startAfresh(helmRelease({ memory: before }))
  assert.equal(after, {
    ...here,
    observedGeneration: 3,
    rollbackCount: 0,
    installFailures: 0,
    history: [],
  })
})

test('tells how to remove the former one', () => {
  const message = describeMove(helmRelease(), { releaseName: 'old', targetNamespace: 'past' })
  assert.match(message, 'Release "old" in namespace "past" is left as it is')
  assert.match(message, /helm uninstall old --namespace past$/)
})

test.run()
