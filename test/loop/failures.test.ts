// What is told of a pass that an error has ended.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ApiError, ReconcileError } from '../../lib/model/errors.ts'
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

test('is logged once for each cause, and again when it fails after it went well', () =>
  withLoop({ chart }, async (bench) => {
    const { deps, queue, records } = bench
    const { fetch } = deps.fetcher
    let passes = 0
    let cause: string | undefined = 'one'
    deps.fetcher = {
      ...deps.fetcher,
      fetch: async (source, options) => {
        passes += 1
        if (cause === undefined) return await fetch(source, options)
        throw new ReconcileError('DependencyUpdateFailed', `Cannot update: ${cause}`)
      },
    }
    const logged = () =>
      records.flatMap(({ message, fields }) => (message === 'error sync failed' ? fields.err : []))
    await bench.write({})
    const failed = (why: string) =>
      bench.settled(why, ({ conditions }) =>
        conditions.some(({ type, message }) => type === 'Ready' && message.endsWith(why)),
      )
    await failed('one')
    const again = async (): Promise<void> => {
      const before = passes
      queue.add(bench.key)
      // The one before it has ended when the next one begins.
      await until('it is tried twice', () => (queue.add(bench.key), passes > before + 1))
    }
    await again()
    assert.equal(logged(), ['Cannot update: one'])
    cause = 'two'
    await again()
    await failed('two')
    assert.equal(logged(), ['Cannot update: one', 'Cannot update: two'])
    cause = undefined
    queue.add(bench.key)
    await bench.settled('it goes well', ({ phase }) => phase === 'Succeeded')
    cause = 'two'
    await again()
    assert.is(logged().length, 3)
  }))

test('has done nothing of what it was asked for: the next pass does it', () =>
  withLoop({ chart: { 'templates/a.yaml': '{{ fail "no" }}' } }, async (bench) => {
    const { deps, queue, key } = bench
    await bench.write({ maxHistory: 3 })
    await bench.settled('it fails', ({ lastAttempt }) => lastAttempt?.failures === 1)
    const { fetch } = deps.fetcher
    let isDown = true
    deps.fetcher = {
      ...deps.fetcher,
      fetch: async (source, options) => {
        if (!isDown) return await fetch(source, options)
        isDown = false
        throw new ApiError(0, 'Unreachable', 'Cannot get it: the API server is unreachable')
      },
    }
    deps.cache.asked.add(key)
    queue.add(key)
    await bench.settled('it has been tried', ({ lastAttempt }) => lastAttempt?.failures === 2)
  }))

test('is tried again when its source says, and looked at when there may be news, whatever its count', () =>
  withLoop({ chart }, async (bench) => {
    const { deps } = bench
    let news = Infinity
    let retryAt = deps.clock.now()
    let passes = 0
    deps.fetcher = {
      newsInMs: () => news,
      fetch: async () => {
        passes += 1
        throw new ReconcileError('RepositoryUnreachable', 'Cannot update', { retryAt })
      },
    }
    await bench.write({})
    await until('it is tried again', () => passes > 1)
    retryAt = Infinity
    news = 0
    const before = passes
    await until('news are looked for', () => passes > before + 1)
  }))

test.run()
