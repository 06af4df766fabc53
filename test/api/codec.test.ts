// Which generations are spoken.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecFor, codecs } from '../../lib/api/codec.ts'
import { formatKey } from '../../lib/model/key.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('codecFor()')

test('finds a generation by apiVersion and by group', () => {
  assert.is(codecFor('helm.fluxcd.io/v1'), codecs[0])
  assert.is(codecFor('flux.weave.works'), codecs[1])
})

for (const apiVersion of ['helm.fluxcd.io/v9', 'helm.integrations.flux.weave.works/v1alpha2', '']) {
  test(`does not claim "${apiVersion}"`, () => {
    assert.is(codecFor(apiVersion), undefined)
  })
}

test('two generations of the same name are two keys', () => {
  const keys = codecs.map((codec) => formatKey(codec.decode(wireRelease({})).key))
  assert.equal(keys, ['helm.fluxcd.io/shop/api', 'flux.weave.works/shop/api'])
})

test.run()
