import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { releaseCauses } from '../../lib/helm/causes.ts'
import { explainFailure } from '../../lib/helm/failure.ts'
import { missingFor } from '../../lib/helm/missing.ts'
import { CommandError } from '../../lib/model/errors.ts'

const test = suite('missingFor()')

const missingAfter = (stderr: string) =>
  missingFor(
    explainFailure(
      new CommandError({ program: 'helm', args: [], reason: 'exit', exitCode: 1, stderr }),
      {
        ...{ verb: 'install', object: 'release "api"', code: 'InstallFailed' },
        ...{ causes: releaseCauses, timeoutMs: 1_000, secrets: [] },
      },
    ),
  )

const noKind = (kind: string) =>
  `resource mapping not found for name: "w" namespace: "" from "": no matches for kind "${kind}" in version "example.com/v1"\nensure CRDs are installed first`

test('names every kind that is not served, once', () => {
  const kinds = ['Widget', 'Gadget', 'Widget'].map(noKind).join(', ')
  assert.equal(
    missingAfter(`Error: unable to build kubernetes objects from release manifest: [${kinds}]\n`),
    [
      { apiVersion: 'example.com/v1', kind: 'Widget' },
      { apiVersion: 'example.com/v1', kind: 'Gadget' },
    ],
  )
})

test('names any definition where helm does not say which kind it is', () => {
  const said = 'error validating data: the server could not find the requested resource'
  assert.equal(missingAfter(`Error: ${said}\n`), [
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  ])
})

for (const [what, said] of [
  ['does not exist', 'Error: create: failed to create: namespaces "shop" not found\n'],
  [
    'is being deleted',
    'Error: configmaps "a" is forbidden: unable to create new content in namespace shop because it is being terminated\n',
  ],
] as const)
  test(`names a namespace that ${what}`, () => {
    assert.equal(missingAfter(said), [{ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }])
  })

test('names no more than a status should hold', () => {
  const kinds = Array.from({ length: 50 }, (_, index) => noKind(`K${index}`)).join(', ')
  assert.is(missingAfter(`Error: ${kinds}\n`).length, 10)
})

test('names nothing when helm failed for another reason', () => {
  assert.equal(missingAfter('Error: UPGRADE FAILED: something else\n'), [])
})

test.run()
