// Who gets the few places for helm, in which order; counted, not timed.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Parked } from '../../lib/model/errors.ts'
import { Reservations } from '../../lib/loop/reservations.ts'
import type { Urgency } from '../../lib/util/fair-queue.ts'

const test = suite('Reservations')

// Keys are "namespace/name". A pass begins when its key is woken.
function setUp(total: number) {
  const woken: string[] = []
  const reservations = new Reservations({
    ...{
      total,
      fetches: total,
      groupOf: (key) => key.split('/')[0]!,
      wake: (key) => woken.push(key),
    },
  })
  const doesPark = (claim: () => void): boolean => {
    try {
      claim()
      return false
    } catch (error) {
      assert.instance(error, Parked)
      return true
    }
  }
  // Does a pass over the key get what it claims? One that does not ends.
  const begin = (key: string, claim: () => void): boolean => {
    reservations.begin(key)
    const isParked = doesPark(claim)
    if (isParked) reservations.park(key)
    return !isParked
  }
  const helm = (key: string, urgency: Urgency = 'first') =>
    begin(key, () => reservations.claimHelm(key, urgency))
  const release = (key: string, name: string) =>
    begin(key, () => reservations.claimRelease(key, name))
  // Ends a pass, and answers with the keys that are woken by it.
  const end = (key: string): string[] => {
    woken.length = 0
    reservations.end(key)
    return [...woken]
  }
  return { reservations, helm, release, end, woken }
}

test('gives helms that fetch places of their own, for no longer than they fetch', () => {
  const { reservations, helm, woken } = setUp(1)
  const fetch = (key: string) => {
    reservations.begin(key)
    try {
      reservations.claimFetch(key, 'first')
      return 'has it'
    } catch (error) {
      reservations.endFetch(key)
      reservations.park(key)
      return (error as Parked).wait
    }
  }
  assert.is(helm('a/1'), true)
  assert.is(fetch('a/1'), 'has it')
  assert.equal(fetch('a/2'), { for: 'fetch', places: 1, before: 0 })
  assert.equal(fetch('a/3'), { for: 'fetch', places: 1, before: 1 })
  reservations.endFetch('a/1')
  assert.equal(woken, ['a/2'])
  assert.equal(fetch('b/1'), { for: 'fetch', places: 1, before: 1 })
  assert.is(fetch('a/2'), 'has it')
  assert.is(helm('b/2'), false, 'the first one still has the place for its release')
})

test('parks a pass that finds no place free, and wakes its key when one is its own', () => {
  const { reservations, helm, end } = setUp(1)
  assert.is(helm('a/1'), true)
  assert.is(helm('a/2'), false)
  assert.is(reservations.waiting, 1)
  assert.equal(end('a/1'), ['a/2'])
  assert.is(helm('b/1'), false, 'it is kept for the one that was woken')
  assert.is(helm('a/2'), true)
})

test('lets namespaces take turns', () => {
  const { helm, end } = setUp(1)
  for (const key of ['a/1', 'a/2', 'a/3', 'a/4', 'b/1']) helm(key)
  assert.equal(end('a/1'), ['a/2'])
  assert.equal(end('a/2'), ['b/1'])
})

test('lets what people ask for go before what has failed', () => {
  const { helm, end } = setUp(1)
  helm('a/1')
  helm('a/failing', 'later')
  helm('b/edited')
  assert.equal(end('a/1'), ['b/edited'])
})

test('never gives all places to what has failed', () => {
  const { helm, end } = setUp(3)
  assert.equal(
    ['a/1', 'b/2', 'c/3'].map((key) => helm(key, 'later')),
    [true, true, false],
  )
  assert.is(helm('a/edited'), true)
  assert.equal(end('a/edited'), [])
  assert.equal(end('a/1'), ['c/3'])
})

test('gives the only place there is to what has failed, too', () => {
  assert.is(setUp(1).helm('a/1', 'later'), true)
})

test('moves a key up that is edited while it waits for another try', () => {
  const { helm, end } = setUp(1)
  for (const [key, urgency] of [
    ['a/1', 'first'],
    ['b/failing', 'later'],
    ['c/failing', 'later'],
    ['c/failing', 'first'],
  ] as const)
    helm(key, urgency)
  assert.equal(end('a/1'), ['c/failing'])
})

test('passes a place on that its pass turns out not to need', () => {
  const { reservations, helm, end, woken } = setUp(1)
  for (const key of ['a/1', 'a/2', 'a/3']) helm(key)
  assert.equal(end('a/1'), ['a/2'])
  reservations.begin('a/2')
  assert.equal(end('a/2'), ['a/3'])
  woken.length = 0
  reservations.drop('a/3')
  assert.is(helm('a/4'), true)
})

test('keeps a place for a key whose pass parks while the place becomes free', () => {
  const { reservations, helm, release, end } = setUp(1)
  helm('a/1')
  helm('a/2')
  release('b/1', 'shared')
  reservations.begin('a/2')
  assert.equal(end('a/1'), ['a/2'])
  assert.throws(() => reservations.claimRelease('a/2', 'shared'))
  reservations.park('a/2')
  assert.is(helm('c/1'), false)
  assert.equal(end('b/1'), ['a/2'])
  assert.is(helm('a/2'), true)
})

test('gives a place back that was kept for a pass which must wait for its release first', () => {
  const { reservations, helm, release, end, woken } = setUp(1)
  release('b/1', 'shared')
  helm('a/1')
  helm('a/2')
  helm('a/3')
  assert.equal(end('a/1'), ['a/2'])
  woken.length = 0
  assert.is(release('a/2', 'shared'), false)
  assert.equal(woken, ['a/3'])
  assert.is(reservations.waiting, 0)
})

test('lets one pass at a time work on a release, and the next one when it has ended', () => {
  const { release, end } = setUp(4)
  assert.is(release('a/1', 'shop/web'), true)
  assert.is(release('b/1', 'shop/web'), false)
  assert.is(release('b/2', 'shop/other'), true)
  assert.equal(end('a/1'), ['b/1'])
  assert.is(release('c/1', 'shop/web'), false)
  assert.is(release('b/1', 'shop/web'), true)
  assert.equal(end('b/1'), ['c/1'])
})

test('does not wait for a release any more that the HelmRelease does not want any more', () => {
  const { release, end } = setUp(4)
  release('a/1', 'shop/web')
  release('b/1', 'shop/web')
  assert.is(release('b/1', 'shop/other'), true)
  assert.equal(end('b/1'), [])
  assert.equal(end('a/1'), [])
})

test('has an uninstall that failed wait behind others until somebody asks for it', () => {
  const { reservations, helm } = setUp(2)
  helm('a/1', 'later')
  reservations.setFailing('b/going', true)
  assert.is(helm('b/going'), false)
  reservations.setFailing('b/going', false)
  assert.is(helm('b/going'), true)
})

test.run()
