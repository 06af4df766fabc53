import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../lib/app/config.ts'
import { runFlags } from '../../lib/app/flags.ts'
import { describeFlags, parseFlags, UsageError } from '../../lib/app/parse.ts'

const test = suite('command line')

const oldFlags = [
  ['version', 'false'],
  ['log-format', 'fmt'],
  ['kubeconfig', '/root/.kube/config'],
  ['master', ''],
  ['allow-namespace', ''],
  ['workers', '2'],
  ['listen', ':3030'],
  ['tiller-ip', ''],
  ['tiller-port', ''],
  ['tiller-namespace', 'kube-system'],
  ['tiller-tls-verify', 'false'],
  ['tiller-tls-enable', 'false'],
  ['tiller-tls-key-path', '/etc/fluxd/helm/tls.key'],
  ['tiller-tls-cert-path', '/etc/fluxd/helm/tls.crt'],
  ['tiller-tls-ca-cert-path', ''],
  ['tiller-tls-hostname', ''],
  ['convert-tiller-out-cluster', 'false'],
  ['convert-release-storage', 'secrets'],
  ['charts-sync-interval', '3m'],
  ['status-update-interval', '10s'],
  ['log-release-diffs', 'false'],
  ['update-chart-deps', 'true'],
  ['git-timeout', '20s'],
  ['git-poll-interval', '5m'],
  ['git-default-ref', 'master'],
  ['helm-repository-import', ''],
  ['enabled-helm-versions', 'v3'],
] as const

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

for (const [written, is] of [
  ['1', true],
  ['T', true],
  ['True', true],
  ['0', false],
  ['F', false],
  ['FALSE', false],
] as const)
  test(`reads --finalizers=${written} as Go does`, () => {
    assert.is(readConfig([`--finalizers=${written}`], {}).finalizers, is)
  })

test('reads the value of a short flag that is attached to it', () => {
  assert.is(readConfig(['-l:3031'], {}).listen.port, 3031)
  assert.is(readConfig(['-l=:3031'], {}).listen.port, 3031)
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

test('serves what it knows of the Helm versions asked for, and says what it does not', () => {
  const { helmVersions, warnings } = readConfig([], { HELM_VERSION: 'v2,v3,v5' })
  assert.equal(helmVersions, ['v2', 'v3'])
  assert.equal(
    warnings.map(({ message, flag, why }) => [message, flag, why.match(/"v\d"/)?.[0]]),
    [
      ['Helm version is not served', '--enabled-helm-versions', '"v5"'],
      ['Helm version is not served', '--enabled-helm-versions', '"v2"'],
    ],
  )
})

test('takes repositories of v3, and says which imports it leaves out', () => {
  const { importedRepositories, warnings } = readConfig(
    [
      '--helm-repository-import=v3:/a,v2:/b',
      '--helm-repository-import=v3:/c,v3:/a,v9:/d,/e,v3:/f:g',
    ],
    {},
  )
  assert.equal(importedRepositories, ['/a', '/c'])
  assert.equal(
    warnings.map(({ why }) => why),
    [
      '"v2:/b" is for Helm 2, which is not served',
      '"v9:/d" is for an unknown version',
      '"/e" is not of the form v3:<path>',
      '"v3:/f:g" is not of the form v3:<path>',
    ],
  )
})

test('takes every flag of fluxcd/helm-operator with its default, and says once what is retired', () => {
  const { warnings } = readConfig(
    oldFlags.map(([name, value]) => `--${name}=${value}`),
    {},
  )
  assert.equal(
    warnings.map(({ flag }) => flag),
    oldFlags.flatMap(([name]) => (/tiller|convert/.test(name) ? [`--${name}`] : [])),
  )
  assert.match(warnings[0]!.why, 'Tiller')
  for (const [name, value] of oldFlags)
    if (!['enabled-helm-versions', 'kubeconfig'].includes(name))
      assert.is(runFlags.find((flag) => flag.name === name)?.fallback, value, name)
})

for (const [versions, who] of [
  ['v2,v3', 'HelmReleases of v2 or of no helmVersion are refused'],
  ['v3,v2', 'HelmReleases of v2 are refused'],
] as const)
  test(`says of --enabled-helm-versions=${versions} whose releases are left alone`, () => {
    const { warnings } = readConfig([`--enabled-helm-versions=${versions}`], {})
    assert.is(warnings.length, 1)
    assert.match(warnings[0]!.why, who)
    assert.match(warnings[0]!.why, 'left alone')
  })

test('names HELM_VERSION where a version was read from there', () => {
  for (const [value, part] of [
    ['v9', 'invalid value "v9" for variable "HELM_VERSION"'],
    ['v2', 'Helm 2 is not served'],
  ] as const)
    assert.throws(() => readConfig([], { HELM_VERSION: value }), part)
})

test('takes every --log-format, as there it was, and says what it makes of it', () => {
  const { logFormat, warnings } = readConfig(['--log-format=text'], {})
  assert.is(logFormat, 'fmt')
  assert.equal(
    warnings.map(({ flag, why }) => [flag, why]),
    [['--log-format', '"text" is neither "fmt" nor "json"; "fmt" is taken']],
  )
  assert.equal(readConfig(['--log-format=json'], {}).warnings, [])
})

for (const zero of ['0', '0s'])
  test(`looks at no HelmRelease by itself with --charts-sync-interval=${zero}`, () => {
    assert.is(readConfig([`--charts-sync-interval=${zero}`], {}).syncIntervalMs, Infinity)
  })

test('warns of nothing that was not typed', () => {
  assert.equal(readConfig([], {}).warnings, [])
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
  [['--finalizers=maybe'], 'true or false'],
  [['--listen=everywhere'], '[host]:port'],
  [['--enabled-helm-versions=v9'], '"v9"'],
  [['--enabled-helm-versions=v2'], 'Helm 2 is not served, and releases of it are left alone'],
  [['--status-update-interval=1ms'], 'at least 1s'],
  [['--git-url=x'], 'unknown flag "--git-url"'],
  [['-x'], 'unknown flag "-x"'],
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
