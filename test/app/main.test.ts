import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { demoFlags, runFlags, sandboxFlags } from '../../lib/app/flags.ts'
import { startCli } from '../helpers/cli.ts'

const test = suite('operator.ts')

test('describes its commands and every flag with --help', async () => {
  const { code, stdout } = await startCli(['--help']).ended
  assert.is(code, 0)
  for (const command of ['run', 'demo', 'sandbox', 'crds', 'version'])
    assert.match(stdout, `${command}: `)
  for (const { name } of [...runFlags, ...demoFlags, ...sandboxFlags])
    assert.match(stdout, `--${name}`)
})

test('describes one command', async () => {
  const { code, stdout } = await startCli(['demo', '--help']).ended
  assert.is(code, 0)
  assert.match(stdout, '--exit')
  assert.not.match(stdout, '--workers')
})

test('prints the version of the package', async () => {
  const file = fileURLToPath(new URL('../../package.json', import.meta.url))
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string }
  const { code, stdout } = await startCli(['version']).ended
  assert.equal([code, stdout], [0, `${version}\n`])
  // Where fluxcd/helm-operator put it.
  const old = await startCli(['--version']).ended
  assert.equal([old.code, old.stderr], [0, `${version}\n`])
})

test('prints the CRDs that crds/ applies', async () => {
  const crds = new URL('../../crds/', import.meta.url)
  const { resources } = parse(await readFile(new URL('kustomization.yaml', crds), 'utf8')) as {
    resources: string[]
  }
  const texts = await Promise.all(resources.map((name) => readFile(new URL(name, crds), 'utf8')))
  const { code, stdout } = await startCli(['crds']).ended
  assert.equal([code, stdout], [0, texts.join('')])
})

for (const [args, says] of [
  [['fly'], /unknown command "fly"/],
  [['run', '--wrokers=3'], /unknown flag "--wrokers"/],
  [['--workers=many'], /"many" for flag "--workers"/],
  [['sandbox', '--port=high'], /"high" for flag "--port"/],
  [['version', '--loud'], /unknown flag "--loud"/],
] as const)
  test(`refuses "${args.join(' ')}" with exit code 2 and one line`, async () => {
    const { code, stderr } = await startCli(args).ended
    assert.is(code, 2)
    assert.match(stderr, says)
    assert.is(stderr.trim().split('\n').length, 1)
  })

test('says in one line that there is no cluster to run on', async () => {
  const { code, stderr } = await startCli(
    ['run', '--kubeconfig=/nowhere/config', '--listen=127.0.0.1:0'],
    {},
  ).ended
  assert.is(code, 1)
  assert.match(stderr.trim().split('\n').at(-1)!, /^helm-operator: Cannot .*\/nowhere\/config/)
})

test.run()
