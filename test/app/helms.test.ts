import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseDriver, majorsOf } from '../../lib/app/helms.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'

const test = suite('chooseDriver()')

const drivers = [{ major: 4 }, { major: 3 }] as HelmDriver[]

test('serves v3 with the newest Helm there is', () => {
  assert.is(chooseDriver(drivers, ['v3'], { helmVersion: 'v3' }).major, 4)
  assert.is(chooseDriver(drivers.slice(1), ['v3'], { helmVersion: 'v3' }).major, 3)
})

test('serves a HelmRelease that names no version with the first one enabled', () => {
  assert.is(chooseDriver(drivers, ['v3', 'v4'], {}).major, 4)
})

for (const [situation, versions, helmVersion, says] of [
  ['v2', ['v2', 'v3'], 'v2', /Tiller; convert the release/],
  [
    'no version while v2 is the default, instead of installing it a second time with Helm 3',
    ['v2', 'v3'],
    undefined,
    /first of --enabled-helm-versions.*Tiller/,
  ],
  ['a version that is not enabled', ['v3'], 'v4', /"v4": the operator serves v3/],
] as const)
  test(`refuses a HelmRelease that asks for ${situation}`, () => {
    assert.throws(
      () => chooseDriver(drivers, versions, helmVersion === undefined ? {} : { helmVersion }),
      (error: ReconcileError) => error.code === 'HelmVersionDisabled' && says.test(error.message),
    )
  })

test('does not serve v4 with a Helm 3', () => {
  assert.throws(
    () => chooseDriver(drivers.slice(1), ['v3', 'v4'], { helmVersion: 'v4' }),
    (error: ReconcileError) => /found only Helm 3/.test(error.message),
  )
})

test('looks for Helm 3 only where v3 is served', () => {
  assert.equal(majorsOf(['v3']), [4, 3])
  assert.equal(majorsOf(['v4']), [4])
  assert.equal(majorsOf(['v2']), [])
})

test.run()
