// What a HelmRelease on the wire means: names, defaults, policies, and what becomes of mistakes.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecFor } from '../../lib/api/codec.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('decoding a HelmRelease')
const chart = { repository: 'https://charts.example.net', name: 'api', version: '1.2.3' }

function decode(spec: object, over: Parameters<typeof wireRelease>[1] = {}): HelmRelease {
  const object = wireRelease({ chart, ...spec }, over)
  return codecFor(object.apiVersion)!.decode(object)
}

function decodeOld(spec: object): HelmRelease {
  return decode(spec, { apiVersion: 'flux.weave.works/v1beta1' })
}

for (const [situation, metadata, spec, expected] of [
  ['namespace and name', { namespace: 'a', name: 'x' }, {}, 'a-x'],
  ['the same target namespace', { namespace: 'a', name: 'x' }, { targetNamespace: 'a' }, 'a-x'],
  ['another target namespace', { namespace: 'a', name: 'x' }, { targetNamespace: 'b' }, 'a-b-x'],
  ['spec.releaseName', { namespace: 'a', name: 'x' }, { releaseName: 'r' }, 'r'],
  ['an empty spec.releaseName', { namespace: 'a', name: 'x' }, { releaseName: '' }, 'a-x'],
  ['no namespace at all', { namespace: '', name: 'x' }, {}, 'default-x'],
] as const) {
  test(`a release is named ${expected} by ${situation}`, () => {
    assert.is(decode(spec, { metadata }).releaseName, expected)
  })
}

test('the target namespace is that of the HelmRelease unless the spec names one', () => {
  assert.is(decode({}).targetNamespace, 'shop')
  assert.is(decode({ targetNamespace: 'prod' }).targetNamespace, 'prod')
})

test('the owner id keeps the case of namespace and name', () => {
  const { owner } = decode({}, { metadata: { namespace: 'Demo', name: 'My.App' } })
  assert.equal(owner, {
    annotation: 'helm.fluxcd.io/antecedent',
    id: 'Demo:helmrelease/My.App',
  })
})

test('objects of a v1beta1 release carry the annotation of its own group', () => {
  assert.is(decodeOld({}).owner.annotation, 'flux.weave.works/antecedent')
})

test('a spec with a chart only gets every default', () => {
  const { key, source, owner, memory, ...rest } = decode({})
  assert.equal(rest, {
    apiVersion: 'helm.fluxcd.io/v1',
    uid: 'u-1',
    generation: 3,
    resourceVersion: '',
    annotations: {},
    finalizers: [],
    identity: undefined,
    releaseName: 'shop-api',
    targetNamespace: 'shop',
    values: { inline: {}, from: [] },
    timeoutMs: 300_000,
    maxHistory: 10,
    wait: false,
    resetValues: true,
    skipCrds: false,
    installMethod: 'client',
    upgradeMethod: 'unchanged',
    forceUpgrade: false,
    disableOpenApiValidation: false,
    onInstallFailure: 'purge',
    maxInstallRetries: 0,
    rollback: {
      enable: false,
      retry: false,
      maxRetries: 5,
      force: false,
      recreate: false,
      disableHooks: false,
      timeoutMs: 300_000,
      wait: false,
    },
    test: { enable: false, ignoreFailures: false, timeoutMs: 300_000, cleanup: true },
    problems: [],
  })
})

for (const [spec, expected] of [
  [{}, false],
  [{ rollback: { enable: true } }, true],
  [{ test: { enable: true } }, true],
  [{ wait: false, rollback: { enable: true } }, false],
  [{ wait: true }, true],
] as const) {
  test(`wait is ${expected} for ${JSON.stringify(spec)}`, () => {
    assert.is(decode(spec).wait, expected)
  })
}

for (const [spec, v1, v1beta1] of [
  [{}, true, false],
  [{ resetValues: true }, true, true],
  [{ resetValues: false }, false, false],
  [{ resetValues: false, values: { a: 1 } }, false, true],
  [{ values: { a: 1 } }, true, true],
  [{ valueFileSecrets: [{ name: 's' }] }, true, true],
] as const) {
  test(`values are reset: v1 ${v1}, v1beta1 ${v1beta1} for ${JSON.stringify(spec)}`, () => {
    assert.is(decode(spec).resetValues, v1)
    assert.is(decodeOld(spec).resetValues, v1beta1)
  })
}

for (const [word, validate] of [
  ['Server', 'server'],
  ['None', 'none'],
  ['', undefined],
] as const)
  test(`validate is ${validate} for ${JSON.stringify(word)}`, () => {
    const spec = word === '' ? {} : { validate: word }
    assert.is(decode(spec).validate, validate)
    assert.is(decodeOld(spec).validate, validate)
  })

for (const [install, onFailure, retries] of [
  [{ keepFailed: true }, 'keep', -1],
  [{ keepFailed: true, maxRetries: 2 }, 'keep', 2],
  [{ maxRetries: 3 }, 'purge', 3],
] as const) {
  test(`a failed install: ${onFailure}, ${retries} retries for ${JSON.stringify(install)}`, () => {
    const { onInstallFailure, maxInstallRetries } = decode({ install })
    assert.equal([onInstallFailure, maxInstallRetries], [onFailure, retries])
  })
}

test('a first install is applied client-side unless the spec says otherwise, in both generations', () => {
  for (const [install, method] of [
    [undefined, 'client'],
    [{}, 'client'],
    [{ serverSideApply: null }, 'client'],
    [{ serverSideApply: false }, 'client'],
    [{ serverSideApply: true }, 'server'],
  ] as const)
    for (const read of [decode, decodeOld])
      assert.is(read({ install }).installMethod, method, JSON.stringify(install))
})

test('an upgrade is applied as the revision before it unless the spec says otherwise', () => {
  for (const [upgrade, method] of [
    [undefined, 'unchanged'],
    [{}, 'unchanged'],
    [{ serverSideApply: 'auto' }, 'unchanged'],
    [{ serverSideApply: 'enabled' }, 'server'],
    [{ serverSideApply: 'disabled' }, 'client'],
  ] as const)
    for (const read of [decode, decodeOld])
      assert.is(read({ upgrade }).upgradeMethod, method, JSON.stringify(upgrade))
})

test('a timeout that nothing can meet becomes the default and a problem', () => {
  const release = decode({ timeout: 0, rollback: { timeout: -1 }, test: { timeout: 99_999_999 } })
  assert.is(release.timeoutMs, 300_000)
  assert.is(release.rollback.timeoutMs, 300_000)
  assert.is(release.test.timeoutMs, 2_147_483_000)
  assert.is(release.problems.length, 2)
})

test('maxHistory 0 and below keeps every revision', () => {
  assert.is(decode({ maxHistory: 0 }).maxHistory, 0)
  assert.is(decode({ maxHistory: -4 }).maxHistory, 0)
})

test('null counts as absent wherever it stands', () => {
  const spec = { values: null, valuesFrom: null, timeout: null, rollback: null, wait: null }
  assert.equal(decode(spec), decode({}))
})

for (const spec of [undefined, null, 'text', [], 7, {}]) {
  test(`a spec that is ${JSON.stringify(spec)} is an invalid source, not an exception`, () => {
    const release = codecFor('helm.fluxcd.io')!.decode(wireRelease(spec))
    assert.is(release.source.kind, 'invalid')
    assert.is(release.releaseName, 'shop-api')
  })
}

test('a field of the wrong type stops the release, and what is right stays known', () => {
  const release = decode({ timeout: '5m', valuesFrom: [{ secretKeyRef: {} }], releaseName: 'r' })
  assert.equal(release.source, {
    kind: 'invalid',
    why:
      'spec.valuesFrom[0].secretKeyRef.name is not valid: expected string, received undefined; ' +
      'spec.timeout is not valid: expected number, received string',
  })
  assert.is(release.releaseName, 'r')
})

test('a mistake in the spec is told without the value, which may be a secret', () => {
  const { source } = decode({ releaseName: { password: 'hunter2' } })
  assert.not.match(JSON.stringify(source), 'hunter2')
})

test('a requested deletion, annotations and finalizers are taken over', () => {
  const release = decode(
    {},
    {
      metadata: {
        deletionTimestamp: '2024-05-01T00:00:00Z',
        annotations: { 'fluxcd.io/automated': 'true' },
        finalizers: ['helm.fluxcd.io/operator'],
        resourceVersion: '77',
      },
    },
  )
  assert.is(release.deletionRequestedAt, '2024-05-01T00:00:00Z')
  assert.equal(release.annotations, { 'fluxcd.io/automated': 'true' })
  assert.equal(release.finalizers, ['helm.fluxcd.io/operator'])
  assert.is(release.resourceVersion, '77')
})

test.run()
