import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../lib/app/config.ts'
import { runFlags } from '../../lib/app/flags.ts'
import { describeFlags, parseFlags, UsageError } from '../../lib/app/parse.ts'

const test = suite('command line')

test('reads a value behind = and as the next word', () => {
  assert.is(readConfig(['--workers=7'], {}).workers, 7)
  assert.is(readConfig(['--workers', '7'], {}).workers, 7)
  assert.equal(readConfig(['-l', '127.0.0.1:80'], {}).listen, { host: '127.0.0.1', port: 80 })
})

test('reads a switch with and without a value', () => {
  assert.is(readConfig([], {}).finalizers, true)
  assert.is(readConfig(['--finalizers=false'], {}).finalizers, false)
  assert.is(readConfig(['--finalizers'], {}).finalizers, true)
})

test("reads Go's durations", () => {
  assert.is(readConfig(['--charts-sync-interval=1h30m'], {}).syncIntervalMs, 5_400_000)
})

test('collects a list from commas and repetition', () => {
  const args = ['--enabled-helm-versions=v3,v4', '--enabled-helm-versions=v2']
  assert.equal(readConfig(args, {}).helmVersions, ['v3', 'v4', 'v2'])
})

test('takes a default from the environment unless the flag is given', () => {
  const env = { HELM_VERSION: 'v4' }
  assert.equal(readConfig([], env).helmVersions, ['v4'])
  assert.equal(readConfig(['--enabled-helm-versions=v3'], env).helmVersions, ['v3'])
})

test('takes --allow-namespace for --namespace', () => {
  assert.is(readConfig(['--allow-namespace=team'], {}).namespace, 'team')
  assert.is(readConfig([], {}).namespace, undefined)
})

for (const [args, part] of [
  [['--wrokers=3'], 'unknown flag "--wrokers"'],
  [['--workers=many'], '"many"'],
  [['--workers=0'], '--workers'],
  [['--workers'], 'needs a value'],
  [['--charts-sync-interval=3'], '"3"'],
  [['--charts-sync-interval=5ms'], 'at least'],
  [['--log-format=xml'], 'fmt, json'],
  [['--finalizers=maybe'], 'true or false'],
  [['--listen=everywhere'], '[host]:port'],
  [['--enabled-helm-versions=v9'], '"v9"'],
  [['install'], 'unexpected argument "install"'],
] as const)
  test(`refuses ${args.join(' ')} in one line`, () => {
    try {
      readConfig(args, {})
    } catch (error) {
      assert.instance(error, UsageError)
      assert.match((error as Error).message, part)
      assert.is((error as Error).message.includes('\n'), false)
      return
    }
    assert.unreachable('was accepted')
  })

test('describes every flag with its default', () => {
  const text = describeFlags(runFlags)
  const values = parseFlags(runFlags, [])
  for (const { name, fallback } of runFlags) {
    assert.match(text, `--${name}`)
    assert.is(values.text(name), fallback)
  }
  assert.match(text, '(default 3m)')
})

test.run()
