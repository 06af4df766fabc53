// What storage.mark() writes must be as good to every Helm as what Helm itself writes.
import * as assert from 'uvu/assert'
import { ApiError } from '../../lib/model/errors.ts'
import { configMap } from '../helpers/chart.ts'
import type { HelmBench } from '../helpers/helm.ts'
import type { Check, Web } from './helmwords.ts'

const simple = { 'templates/config.yaml': configMap }

type Row = { revision: number; status: string; description: string }

async function helmHistory({ helm }: HelmBench, major: 3 | 4): Promise<string[]> {
  const rows = JSON.parse(await helm(major, 'history', 'web', '-o', 'json')) as Row[]
  return rows.map(({ revision, status, description }) => `${revision} ${status}: ${description}`)
}

// As Helm would have left it: the newest failed, the one before deployed.
async function failNewest(web: Web, { storage }: HelmBench): Promise<void> {
  const [newest, before] = await web.history()
  assert.ok(newest && before)
  await storage.mark(newest, 'failed', 'Not ready in time')
  await storage.mark(before, 'deployed', 'Upgrade complete')
}

export function checkStorage(check: Check): void {
  check(
    'both Helms see and roll back what was marked failed',
    simple,
    async (web, chart, bench) => {
      await web.install(chart, { values: { data: { a: '1' } } })
      await web.upgrade(chart, { values: { data: { a: '2' } } })
      await failNewest(web, bench)
      assert.equal(await web.revisions(), ['2 failed', '1 deployed'])
      for (const major of [3, 4] as const) {
        assert.equal(await helmHistory(bench, major), [
          '1 deployed: Upgrade complete',
          '2 failed: Not ready in time',
        ])
        const state = JSON.parse(await bench.helm(major, 'status', 'web', '-o', 'json'))
        assert.equal([state.info.status, state.version], ['failed', 2])
        assert.match(await bench.helm(major, 'list', '--failed', '-q'), 'web')
        assert.equal(JSON.parse(await bench.helm(major, 'get', 'values', 'web', '-o', 'json')), {
          data: { a: '2' },
        })
      }
      await bench.driver.rollback({ ...web.call(), revision: 1 })
      assert.equal(await web.revisions(), ['3 deployed', '2 failed', '1 superseded'])
      assert.equal(await web.data(), { a: '1' })
    },
  )

  check('an upgrade goes on from what was marked failed', simple, async (web, chart, bench) => {
    await web.install(chart)
    await web.upgrade(chart)
    await failNewest(web, bench)
    await web.upgrade(chart, { values: { data: { a: '3' } } })
    assert.equal(await web.revisions(), ['3 deployed', '2 failed', '1 superseded'])
  })

  check(
    'a lock that a dead helm left is opened by marking it failed',
    simple,
    async (web, chart, bench) => {
      await web.install(chart)
      const [release] = await web.history()
      assert.ok(release)
      const locked = await bench.storage.mark(release, 'pending-upgrade', 'Preparing upgrade')
      await web.upgrade(chart).then(
        () => assert.unreachable('a lock was ignored'),
        (error: Error) => assert.match(error.message, 'another helm is at work on it'),
      )
      await bench.storage.mark(locked, 'failed', 'Interrupted: its helm ended')
      await web.upgrade(chart)
      assert.equal((await web.revisions())[0], '2 deployed')
    },
  )

  check(
    'mark() changes nothing that somebody else has written since',
    simple,
    async (web, chart, bench) => {
      await web.install(chart)
      const [stale] = await web.history()
      assert.ok(stale)
      await web.upgrade(chart)
      await bench.storage.mark(stale, 'failed', 'x').then(
        () => assert.unreachable('somebody else’s write was lost'),
        (error: unknown) => assert.ok(error instanceof ApiError && error.reason === 'Conflict'),
      )
      assert.equal(await web.revisions(), ['2 deployed', '1 superseded'])
    },
  )
}
