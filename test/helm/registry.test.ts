import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readArchiveDigest, readTags, readToken } from '../../lib/helm/registry.ts'

const test = suite('answers of a registry')

for (const [situation, answer, expected] of [
  ['tags', { tags: ['1.0.0', '1.1.0'] }, ['1.0.0', '1.1.0']],
  ['no tags, as some registries say it', { tags: null }, []],
  ['what is no tag beside tags', { tags: ['1.0.0', 7, null, 'x'.repeat(129)] }, ['1.0.0']],
  ['no list', { tags: 'all' }, undefined],
  ['null', null, undefined],
] as const)
  test(`readTags() answers ${JSON.stringify(expected)} to ${situation}`, () => {
    assert.equal(readTags(JSON.stringify(answer)), expected)
  })

test('readTags() answers undefined to what is no JSON, however deep', () => {
  assert.equal([readTags('<html>'), readTags('['.repeat(100_000))], [undefined, undefined])
})

const chart = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
for (const [situation, answer, expected] of [
  ['a chart', { layers: [null, {}, { mediaType: chart, digest: 'sha256:1' }] }, 'sha256:1'],
  ['an image', { layers: [{ mediaType: 'application/x', digest: 'sha256:1' }] }, undefined],
  ['a digest that is none', { layers: [{ mediaType: chart, digest: 1 }] }, undefined],
  ['a list', [], undefined],
] as const)
  test(`readArchiveDigest() answers ${expected} for ${situation}`, () => {
    assert.is(readArchiveDigest(JSON.stringify(answer)), expected)
  })

for (const [answer, expected] of [
  [{ token: 'a' }, 'a'],
  [{ access_token: 'b' }, 'b'],
  [{ token: {} }, undefined],
  ['x', undefined],
] as const)
  test(`readToken() answers ${expected} to ${JSON.stringify(answer)}`, () => {
    assert.is(readToken(JSON.stringify(answer)), expected)
  })

test.run()
