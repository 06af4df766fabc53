import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testBinaries } from '../helpers/binaries.ts'
import { deployment } from '../helpers/chart.ts'
import { withOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('an operator that has Helm 3 only')

test('installs, waits, upgrades, rolls back and uninstalls as with Helm 4', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/deployment.yaml': deployment })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const spec = { chart, wait: true, timeout: 3, rollback: { enable: true } }
    const { helm3 } = await testBinaries()
    const bin = await mkdtemp(join(tmpdir(), 'bin-'))
    await symlink(helm3, join(bin, 'helm'))
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
    try {
      await withOperator(
        [],
        async ({ api, apply, condition, helm, kubectl, log, read }) => {
          await apply(helmReleaseYaml('web', spec))
          await condition('web', 'Ready', 'True')
          assert.match(log(), /found helm" path=\S+\/helm version=3\./)
          assert.not.match(log(), /version=4\./)
          await apply(helmReleaseYaml('web', { ...spec, values: { nowhere: true } }))
          assert.match(await condition('web', 'RolledBack', 'True'), /Rolled back/)
          assert.match(await condition('web', 'Ready', 'False'), /Deployment\/default\/default-web/)
          const history = await helm('history', 'default-web')
          assert.match(history, /2\s.*failed.*\n3\s.*deployed/)
          await apply(helmReleaseYaml('web', { ...spec, values: { replicas: 2 } }))
          await condition('web', 'Ready', 'True')
          await kubectl('delete', 'hr/web', '--timeout=20s')
          assert.is(read('web'), undefined)
          await until('the Deployment is gone', () => {
            return api.get('deployments.apps', 'default', 'default-web') === undefined
          })
        },
        env,
      )
    } finally {
      await rm(bin, { recursive: true, force: true })
    }
  }))

test.run()
