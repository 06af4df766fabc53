// The one file at work: on the runtime of this test, with no package beside or above it.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withBuilt } from '../helpers/built.ts'
import { configMap } from '../helpers/chart.ts'
import { programsFor } from '../helpers/programs.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('the one file')
const root = fileURLToPath(new URL('../../', import.meta.url))

test('prints the version of the package', () =>
  withBuilt(async ({ start }) => {
    const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
      version: string
    }
    const { code, stdout, stderr } = await start('version').ended
    assert.equal([code, stdout, stderr], [0, `${version}\n`, ''])
  }))

test('shows the demo to its end, with the CRDs and examples it carries, and leaves nothing', () =>
  withBuilt(async ({ directory, start }) => {
    const { code, stdout } = await start('demo', '--exit').ended
    assert.match(stdout, /Settled: 3 released, 1 with the mistake they were written with/)
    assert.is(code, 0)
    assert.equal(await readdir(join(directory, 'tmp')), [])
    assert.is((await readdir(join(directory, 'alone'))).length, 1)
  }))

test('serves the sandbox, and is an operator that installs a release on it', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withBuilt(async ({ directory, start }) => {
      const kubeconfig = join(directory, 'kubeconfig')
      const sandbox = start('sandbox', '--port=0', `--kubeconfig=${kubeconfig}`)
      await until('the sandbox has greeted', () => /Ctrl-C/.test(sandbox.stdout()))
      const { kubectl, helm4 } = await programsFor({ kubeconfig, directory })
      await kubectl(['apply', '-f', '-'], { stdin: (await start('crds').ended).stdout })
      const operator = start(`--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0')
      await kubectl(['apply', '-f', '-'], { stdin: helmReleaseYaml('web', { chart }) })
      await kubectl(['wait', '--for=condition=ready', 'hr/web', '--timeout=60s'])
      assert.match(await helm4(['list']), /default-web\s+default\s+1\s.*deployed\s+web-1\.0\.0/)
      for (const { child, ended } of [operator, sandbox]) {
        process.kill(child.pid!, 'SIGTERM')
        assert.is((await ended).code, 0)
      }
    })
  }))

test.run()
