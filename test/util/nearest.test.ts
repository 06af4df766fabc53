import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { didYouMean, nearest } from '../../lib/util/nearest.ts'

const test = suite('nearest()')

for (const [situation, wanted, candidates, expected] of [
  ['a letter is missing', 'podnfo', ['podinfo', 'prometheus'], ['podinfo']],
  ['two neighbours are swapped', 'pdoinfo', ['podinfo'], ['podinfo']],
  ['the case differs', 'PodInfo', ['podinfo'], ['podinfo']],
  ['the name is a part of another', 'redis', ['redis-cluster', 'nginx'], ['redis-cluster']],
  ['nothing is alike', 'podinfo', ['nginx', 'redis'], []],
  ['there is nothing', 'podinfo', [], []],
  ['a short name differs in all', 'ab', ['xy', 'ax'], ['ax']],
] as const) {
  test(`finds ${JSON.stringify(expected)} when ${situation}`, () => {
    assert.equal(nearest(wanted, candidates), expected)
  })
}

test('names the nearest first and no more than asked for', () => {
  assert.equal(nearest('1.2.3', ['1.2.33', '1.2.4', '1.3.4', '1.2.3-a', '9.9.9'], 2), [
    '1.2.33',
    '1.2.4',
  ])
})

test('a wide gap in length costs no time', () => {
  assert.equal(nearest('a'.repeat(100_000), ['b'.repeat(1_000)]), [])
})

test('didYouMean() ends a sentence, or leaves it alone', () => {
  assert.is(didYouMean('mian', ['main', 'mean', 'dev']), '; did you mean "main" or "mean"?')
  assert.is(didYouMean('mian', ['dev']), '')
})

test.run()
