import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../lib/app/sandbox.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { deployment, hookPod } from '../helpers/chart.ts'
import { startOperatorProcess } from '../helpers/child.ts'
import { withRepository } from '../helpers/repository.ts'
import { withStage } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

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

const stopped = suite('an operator that was told to stop')

const crds = fileURLToPath(new URL('../../crds', import.meta.url))

stopped('ends its process when the last helm has ended, though objects are waited for', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', {
      'templates/deployment.yaml': deployment,
      'templates/hook.yaml': hookPod('pre-install'),
    })
    const directory = await mkdtemp(join(tmpdir(), 'op-'))
    const kubeconfig = join(directory, 'kubeconfig')
    const sandbox = await startSandbox({ port: 0, kubeconfig })
    const { kubectl } = await testBinaries()
    const run = createRunner({ env: { ...process.env, KUBECONFIG: kubeconfig } })
    const flags = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${directory}`]
    const operator = startOperatorProcess([...flags, '--listen=127.0.0.1:0'])
    try {
      await run([kubectl, 'apply', '-k', crds])
      const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
      const values = { nowhere: true, seconds: 3 }
      const spec = { chart, wait: true, values }
      await run([kubectl, 'apply', '-f', '-'], { stdin: helmReleaseYaml('web', spec) })
      await until('the hook runs', () => sandbox.api.list('pods', 'default').length > 0)
      let code: number | null | undefined
      void operator.kill('SIGTERM').then((ended) => (code = ended))
      await until('the process ends', () => code !== undefined, 30_000)
      assert.is(code, 0)
      assert.match(operator.lines.join('\n'), /install applied, waiting until it is ready/)
    } finally {
      operator.child.kill('SIGKILL')
      await sandbox.stop()
      await rm(directory, { recursive: true, force: true })
    }
  }),
)

stopped.run()
