import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withStage } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('a helm that was told to stop')

test('leaves a failure that is none, and its work is done by the next operator', () =>
  withStage(['--graceful-shutdown-timeout=500ms'], async (open) => {
    const scene = await open()
    const { operator, namespace } = scene
    const rollback = { enable: true, wait: false }
    await scene.write({ rollback })
    await scene.rests('Succeeded')
    // The hook takes longer than the operator has time to stop.
    await scene.write({ rollback, values: { break: 1, seconds: 600 } })
    await until('the hook runs', () => operator.api.list('pods', namespace).length > 0)
    assert.is(await operator.stop(), 0)
    assert.equal(scene.history(), ['2 failed', '1 deployed'])
    assert.match(await scene.helm('history', `${namespace}-web`), /context canceled/)
    scene.next()
    operator.start()
    await until('it is tried again', () => scene.history()[0] === '3 pending-upgrade')
    assert.equal(scene.phases(), [])
    assert.is(scene.status().phase, 'Upgrading')
  }))

test.run()
