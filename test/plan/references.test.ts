import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFilesOf, formatReference, referencesOf } from '../../lib/plan/references.ts'
import { helmRelease } from '../helpers/release.ts'

const test = suite('referencesOf()')

const from = { namespace: 'shop', name: 'web', key: 'values.yaml', optional: false }

test('names each ConfigMap and Secret once, the credentials of the chart among them', () => {
  const release = helmRelease({
    source: {
      ...{ kind: 'git', url: 'https://git', ref: '', path: 'web', updateDependencies: true },
      secretRef: { namespace: 'flux', name: 'git' },
    },
    values: {
      inline: {},
      from: [
        { kind: 'Secret', ...from },
        { kind: 'Secret', ...from, key: 'other', optional: true },
        { kind: 'ConfigMap', ...from },
        { kind: 'url', url: 'https://values', optional: false },
        { kind: 'chartFile', path: '../values.yaml', optional: false },
      ],
    },
  })
  assert.equal(referencesOf(release).map(formatReference), [
    'Secret/shop/web',
    'ConfigMap/shop/web',
    'Secret/flux/git',
  ])
  assert.equal(chartFilesOf(release), ['../values.yaml'])
})

test('names nothing where there is nothing', () => {
  assert.equal(referencesOf(helmRelease()), [])
  assert.equal(referencesOf(helmRelease({ source: { kind: 'invalid', why: '' } })), [])
})

test.run()
