import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPodAddresses } from '../../../lib/sandbox/workloads/podaddress.ts'

const test = suite('createPodAddresses()')

test('a pod keeps its address, and no two have the same', () => {
  const addresses = createPodAddresses()
  assert.equal([addresses.of('a'), addresses.of('b')], ['10.244.0.2', '10.244.0.3'])
  assert.is(addresses.of('a'), '10.244.0.2')
})

test('an address that a pod is known by is not handed out again', () => {
  const addresses = createPodAddresses()
  assert.is(addresses.of('a', '10.244.0.2'), '10.244.0.2')
  assert.is(addresses.of('b'), '10.244.0.3')
})

test('what was freed is used again when all others have been', () => {
  const addresses = createPodAddresses()
  const given = new Set(Array.from({ length: 65_533 }, (_, n) => addresses.of(`pod ${n}`)))
  assert.is(given.size, 65_533)
  const freed = addresses.of('pod 500')
  addresses.free('pod 500')
  assert.is(addresses.of('new'), freed)
})

test.run()
