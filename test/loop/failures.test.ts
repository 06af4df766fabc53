// What is told of a pass that an error has ended.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap } from '../helpers/chart.ts'
import { withLoop } from '../helpers/loop.ts'
import { until } from '../helpers/until.ts'

const test = suite('a failed pass')

const chart = { 'templates/configmap.yaml': configMap }

test('leaves the stack of an unexpected error in the log, its cause included, and counts it', () =>
  withLoop({ chart }, async (bench) => {
    const { deps, records } = bench
    const counted: string[] = []
    deps.metrics = { ...deps.metrics, countFailure: (code) => void counted.push(code) }
    deps.fetcher = {
      ...deps.fetcher,
      fetch: function fetchWithBug() {
        throw new TypeError('Cannot read nothing', { cause: new RangeError('too far') })
      },
    }
    await bench.write({})
    const failed = await until('it is logged', () =>
      records.find(({ message }) => message === 'error sync failed'),
    )
    const { code, err, stack } = failed.fields
    assert.equal([code, err], ['Unexpected', 'Cannot read nothing'])
    assert.match(String(stack), /TypeError: Cannot read nothing\n.*fetchWithBug/)
    assert.match(String(stack), /RangeError: too far\n.*fetchWithBug/)
    assert.is(counted[0], 'Unexpected')
  }))

test.run()
