import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isReleaseName } from '../../lib/helm/name.ts'

const test = suite('isReleaseName()')

test('accepts what Helm accepts', () => {
  for (const name of ['a', 'shop-api', 'a.b-c.1', '1', 'a'.repeat(53)])
    assert.ok(isReleaseName(name), name)
})

test('refuses what Helm refuses', () => {
  const wrong = ['', 'A', 'a_b', '-a', 'a-', 'a..b', 'a,b', '--flag', 'a b', 'ä', 'a\n']
  for (const name of [...wrong, 'a'.repeat(54)]) assert.not.ok(isReleaseName(name), name)
})

test.run()
