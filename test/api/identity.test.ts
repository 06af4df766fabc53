import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecs } from '../../lib/api/codec.ts'
import type { HelmRelease } from '../../lib/model/release.ts'

const test = suite('spec.serviceAccountName')

function decode(serviceAccountName: unknown, group = codecs[0]!): HelmRelease {
  return group.decode({
    apiVersion: `${group.group}/${group.version}`,
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      chart: { repository: 'https://charts', name: 'web', version: '1.0.0' },
      targetNamespace: 'kube-system',
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    },
  })
}

test('names an account in the namespace of the HelmRelease, in both generations', () => {
  for (const codec of codecs)
    assert.equal(decode('deployer', codec).identity, { namespace: 'shop', name: 'deployer' })
})

test('is the operator itself when it is missing, null or empty', () => {
  for (const nothing of [undefined, null, ''])
    assert.equal([decode(nothing).identity, decode(nothing).refusal], [undefined, undefined])
})

for (const wrong of [
  5,
  {},
  ['deployer'],
  true,
  'a:b',
  'Deployer',
  'x\r\nimpersonate-user: admin',
  '../x',
  'a'.repeat(254),
])
  test(`is refused when it is ${JSON.stringify(wrong).slice(0, 30)}: the operator's own rights are no fallback`, () => {
    assert.is(decode(wrong).refusal?.of, 'release')
  })

test.run()
