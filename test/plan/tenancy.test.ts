import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { HelmRelease, ValuesReference } from '../../lib/model/release.ts'
import { referencesOf } from '../../lib/plan/references.ts'
import { applyTenancy, type TenancyPolicy } from '../../lib/plan/tenancy.ts'
import { helmRelease } from '../helpers/release.ts'

const test = suite('applyTenancy()')

function apply(over: Partial<HelmRelease>, policy: Partial<TenancyPolicy> = {}): HelmRelease {
  return applyTenancy(helmRelease(over), { noCrossNamespaceRefs: false, ...policy })
}

function password(namespace: string): ValuesReference {
  return { kind: 'Secret', namespace, name: 'db', key: 'values.yaml', optional: false }
}

test('leaves a HelmRelease as it is where nothing is configured', () => {
  const desired = helmRelease({ targetNamespace: 'kube-system' })
  assert.equal(applyTenancy(desired, { noCrossNamespaceRefs: false }), desired)
})

test('gives a HelmRelease without a service account the default one, in its own namespace', () => {
  const policy = { defaultServiceAccount: 'tenant' }
  const own = { namespace: 'shop', name: 'deployer' }
  const targetNamespace = 'kube-system'
  assert.equal(apply({ targetNamespace }, policy).identity, { namespace: 'shop', name: 'tenant' })
  assert.equal(apply({ identity: own }, policy).identity, own)
})

for (const [glob, targetNamespace, isAllowed] of [
  ['team-*', 'team-blue', true],
  ['team-*', 'kube-system', false],
  ['team-?', 'team-blue', false],
  ['prod', 'prod', true],
  ['prod', 'prod-2', false],
  // The namespace of the HelmRelease itself, whatever the globs say.
  ['prod', 'shop', true],
  ['{namespace}', 'shop', true],
  ['{namespace}', 'prod', false],
  ['{namespace}-*', 'shop-preview', true],
  ['{namespace}-*', 'bank-preview', false],
] as const)
  test(`${isAllowed ? 'lets' : 'does not let'} a HelmRelease of "shop" release to "${targetNamespace}" where "${glob}" is allowed`, () => {
    const { refusal } = apply({ targetNamespace }, { allowedTargetNamespaces: ['x', glob] })
    assert.is(refusal?.of, isAllowed ? undefined : 'release')
  })

test('says which namespaces may be released to', () => {
  const policy = { allowedTargetNamespaces: ['{namespace}-*', 'prod'] }
  assert.is(
    apply({ targetNamespace: 'kube-system' }, policy).refusal?.why,
    'Cannot release to namespace "kube-system": the operator lets HelmReleases of namespace "shop" release to "shop", "shop-*", "prod" only; correct spec.targetNamespace, or extend --allowed-target-namespaces',
  )
})

test('refuses values and credentials from another namespace where that is configured, and has none of them watched', () => {
  const policy = { noCrossNamespaceRefs: true }
  const values = { inline: {}, from: [password('shop'), password('bank')] }
  const refused = apply({ values }, policy)
  assert.equal(refused.refusal, {
    of: 'references',
    why: 'Cannot use Secret "db" in namespace "bank": the operator runs with --no-cross-namespace-refs; put it into namespace "shop" and refer to it there',
  })
  assert.equal(referencesOf(refused), [])
  const source = { kind: 'git', url: 'https://x', ref: '', path: '.' } as const
  for (const [namespace, of] of [
    ['shop', undefined],
    ['bank', 'references'],
  ] as const) {
    const secretRef = { namespace, name: 'git' }
    const { refusal } = apply(
      { source: { ...source, updateDependencies: true, secretRef } },
      policy,
    )
    assert.is(refusal?.of, of)
  }
})

test('lets references lead elsewhere where nothing else is configured', () => {
  const values = { inline: {}, from: [password('bank')] }
  assert.is(apply({ values }).refusal, undefined)
})

test('keeps a refusal that the spec itself has earned', () => {
  const refusal = { of: 'release', why: 'no name' } as const
  assert.equal(apply({ refusal }, { defaultServiceAccount: 'tenant' }).refusal, refusal)
})

test.run()
