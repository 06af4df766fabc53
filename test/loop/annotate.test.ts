import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { annotateOwner } from '../../lib/loop/annotate.ts'
import { manifestRefs } from '../../lib/helm/manifest.ts'
import type { Deps } from '../../lib/loop/deps.ts'
import { ApiError } from '../../lib/model/errors.ts'
import { SecretBook } from '../../lib/util/secrets.ts'
import { recordLog } from '../helpers/log.ts'
import { noMetrics } from '../helpers/metrics.ts'
import { helmRelease, release } from '../helpers/release.ts'

const test = suite('annotateOwner()')

const manifest = `# Source: web/templates/nothing.yaml
---
apiVersion: v1
kind: ConfigMap
metadata: { name: first }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: gone }
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: listed, namespace: other } }
`

test('marks every object that there is, whatever stands between them, and warns of the rest', async () => {
  const { log, messages, records } = recordLog()
  const marked: string[] = []
  const type = { group: '', version: 'v1', plural: 'configmaps', namespaced: true }
  const patch = async (
    _: unknown,
    { name, namespace }: { name: string; namespace?: string },
    { body }: { body: { metadata: { annotations: Record<string, string> } } },
  ): Promise<void> => {
    if (name === 'gone') throw new ApiError(404, 'NotFound', 'it is not there')
    const [mark] = Object.entries(body.metadata.annotations)
    marked.push(`${namespace}/${name} ${mark?.join('=')}`)
  }
  const deps = {
    ...{ log, metrics: noMetrics, secrets: new SecretBook(), clock: { now: () => 0 } },
    cluster: { patch, resourceFor: async () => type },
  } as unknown as Deps
  await annotateOwner(
    deps,
    helmRelease(),
    release(1, 'deployed', { objects: manifestRefs({ manifest, namespace: 'shop' }) }),
  )
  const mark = 'helm.fluxcd.io/antecedent=shop:helmrelease/web'
  assert.equal(marked.sort(), [`other/listed ${mark}`, `shop/first ${mark}`])
  assert.equal(messages, ['warn cannot annotate object'])
  assert.is(records[0]?.fields.object, 'ConfigMap/shop/gone')
})

test('finds each object by its own API group, and those of the whole cluster without a namespace', async () => {
  const { log } = recordLog()
  const marked: string[] = []
  const resourceFor = async (apiVersion: string, kind: string) => {
    const [version = '', group = ''] = apiVersion.split('/').reverse()
    return { group, version, plural: kind.toLowerCase(), namespaced: kind !== 'ClusterRole' }
  }
  const patch = async ({ group }: { group: string }, where: { name: string; namespace?: string }) =>
    void marked.push(`${group} ${where.namespace ?? '-'}/${where.name}`)
  const deps = {
    ...{ log, metrics: noMetrics, secrets: new SecretBook(), clock: { now: () => 0 } },
    cluster: { patch, resourceFor },
  } as unknown as Deps
  const objects = [
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'a' },
    { apiVersion: 'example.test/v1', kind: 'Ingress', namespace: 'shop', name: 'a' },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      namespace: 'shop',
      name: 'a',
    },
  ]
  const stored = release(1, 'deployed', { objects })
  await annotateOwner(deps, helmRelease(), stored)
  assert.equal(marked.sort(), [
    'example.test shop/a',
    'networking.k8s.io shop/a',
    'rbac.authorization.k8s.io -/a',
  ])
})

test.run()
