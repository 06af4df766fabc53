// What the chart's init containers do: install Helm plugins where the operator's helm finds them, once.
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { createRepository } from '../helpers/gitserver.ts'
import { bothHelms, chartObjects } from '../helpers/helmchart.ts'

const test = suite("the chart's plugins")

const metadata = [
  'name: greet',
  'version: 0.1.0',
  'usage: greet',
  'description: greets',
  'command: echo hello',
  'hooks: { install: "[ ! -e $FAIL ]" }',
]

// The container's command as it would run in the pod, with /root in a directory of the test.
async function commandFor(plugin: string, root: string): Promise<string[]> {
  const set = `initPlugins.enable=true,initPlugins.plugins[0].plugin=${plugin}`
  const deployment = (await chartObjects(`--set=${set}`)).find(({ kind }) => kind === 'Deployment')!
  const { template } = deployment['spec'] as {
    template: { spec: { initContainers: [{ command: string[] }] } }
  }
  const { command } = template.spec.initContainers[0]
  return command.map((part) => part.replaceAll('/root/', `${root}/`))
}

// The image is built with either.
for (const major of bothHelms)
  test(`helm ${major} installs them: an attempt that fails is done again, one that succeeded is not`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plugins-'))
    try {
      const root = join(directory, 'root')
      const bin = join(directory, 'bin')
      await mkdir(join(root, '.local/share/helm/plugins'), { recursive: true })
      await mkdir(bin)
      await symlink((await testBinaries())[`helm${major}`], join(bin, 'helm'))
      const fail = join(directory, 'fail')
      const env = { HOME: root, TMPDIR: directory, FAIL: fail, PATH: `${bin}:${process.env.PATH}` }
      const run = createRunner({ env })
      const repository = await createRepository(join(directory, 'greet'))
      await repository.commit({ 'plugin.yaml': metadata.join('\n') })
      const command = await commandFor(repository.url, root)
      await writeFile(fail, '')
      const code = await run(command).then(
        () => 0,
        ({ exitCode }: { exitCode: number }) => exitCode,
      )
      assert.is(code, 1)
      await rm(fail)
      await run(command)
      assert.match((await run(['helm', 'greet'])).stdout, 'hello')
      const installed = join(root, '.local/share/helm/plugins/greet/plugin.yaml')
      const { mtimeMs } = await stat(installed)
      await run(command)
      assert.is((await stat(installed)).mtimeMs, mtimeMs)
    } finally {
      await rm(directory, { recursive: true })
    }
  })

test.run()
