import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createHeap, type Heap } from '../../../lib/sandbox/workloads/heap.ts'
import { steadyRandom } from '../../helpers/hollow.ts'

const test = suite('createHeap()')

function drain(heap: Heap<number>): number[] {
  const out: number[] = []
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next)
  return out
}

test('numbers come out in order, however they went in', () => {
  const random = steadyRandom()
  const heap = createHeap<number>((a, b) => a < b)
  for (let size = 0; size < 40; size += 1) {
    const numbers = Array.from({ length: size }, () => Math.floor(random() * 20))
    for (const number of numbers) heap.push(number)
    assert.is(heap.peek(), size === 0 ? undefined : Math.min(...numbers))
    assert.equal(
      drain(heap),
      numbers.toSorted((a, b) => a - b),
    )
  }
})

test('what goes in between comes out in its turn', () => {
  const heap = createHeap<number>((a, b) => a < b)
  for (const number of [5, 3, 9]) heap.push(number)
  assert.is(heap.pop(), 3)
  for (const number of [4, 1]) heap.push(number)
  assert.equal(drain(heap), [1, 4, 5, 9])
})

test.run()
