// What grows faster than its input is a way to stop the operator. Work is counted, not timed: twice the input, twice the work.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countWork } from '../helpers/work.ts'
import { constants, subjects } from '../helpers/work-thread.ts'

const test = suite('work')
const size = 1_000
// The first round pays for what is done once only.
const counting = countWork([size, size, 2 * size])

async function growth(name: string): Promise<number> {
  const [, once = 0, twice = 0] = (await counting)[name] ?? []
  assert.ok(once > 0, 'nothing was counted')
  return twice / once
}

for (const name of Object.keys(subjects))
  test(`${name}: twice the input is twice the work`, async () => {
    const grown = await growth(name)
    assert.ok(grown < 2.3, `it is ${grown} times the work`)
  })

for (const name of Object.keys(constants))
  test(`${name}: twice as many are the same work`, async () => {
    const grown = await growth(name)
    assert.ok(grown < 1.2, `it is ${grown} times the work`)
  })

test.run()
