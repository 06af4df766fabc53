import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { definitionsOf } from '../../lib/sandbox/crds.ts'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { openApiDocument } from '../../lib/sandbox/openapi.ts'
import type { Obj } from '../../lib/sandbox/types.ts'

const test = suite('openApiDocument()')
const definitions = builtinDefinitions()

type Node = { [key: string]: Node }

function schemas(group: string, version: string, all = definitions): Node {
  return (openApiDocument(group, version, all) as unknown as Node)['components']!['schemas']!
}

test('names types as Kubernetes does, with their kind', () => {
  assert.equal(
    schemas('apps', 'v1')['io.k8s.api.apps.v1.Deployment']!['x-kubernetes-group-version-kind'],
    [{ group: 'apps', version: 'v1', kind: 'Deployment' }] as unknown as Node,
  )
})

test('refers to nothing that is not there, and carries no mark of our own', () => {
  for (const { group, version } of definitions) {
    const text = JSON.stringify(openApiDocument(group, version, definitions))
    const known = Object.keys(schemas(group, version))
    const wanted = [...text.matchAll(/#\/components\/schemas\/([\w.-]+)/g)].map(([, name]) => name!)
    assert.equal(
      [...new Set(wanted)].filter((name) => !known.includes(name)),
      [],
    )
    assert.not.match(text, 'x-keeps-zero')
    assert.not.match(text, '"title":"io.k8s')
  }
})

test('keeps merge keys beside the reference that they belong to', () => {
  const spec = schemas('apps', 'v1')['io.k8s.api.core.v1.PodSpec']!['properties']!
  assert.is(spec['volumes']!['x-kubernetes-patch-strategy'] as unknown, 'merge,retainKeys')
  const { strategy } = schemas('apps', 'v1')['io.k8s.api.apps.v1.DeploymentSpec']!['properties']!
  assert.is(strategy!['x-kubernetes-patch-strategy'] as unknown, 'retainKeys')
  assert.equal(strategy!['allOf'] as unknown, [
    { $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy' },
  ])
})

test('says that writes can be validated, for kubectl and helm to rely on', () => {
  const document = openApiDocument('', 'v1', definitions) as unknown as Node
  const path = document['paths']!['/api/v1/namespaces/{namespace}/configmaps/{name}']!
  const patch = path['patch'] as unknown as {
    parameters: { name: string }[]
    [key: string]: unknown
  }
  assert.equal(
    patch.parameters.map(({ name }) => name),
    ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
  )
  assert.is(patch['x-kubernetes-action'], 'patch')
})

test('offers no paths to read what can only be asked', () => {
  const document = openApiDocument('authentication.k8s.io', 'v1', definitions) as unknown as Node
  assert.equal(Object.keys(document['paths']!['/apis/authentication.k8s.io/v1/tokenreviews']!), [
    'post',
    'parameters',
  ])
})

test('names custom kinds by their group and keeps their descriptions', () => {
  const spec = { type: 'object', description: 'What is wanted' }
  const schema = { type: 'object', properties: { spec } }
  const crd = {
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  }
  const found = schemas('example.com', 'v1', definitionsOf(crd as unknown as Obj))
  const { properties } = found['com.example.v1.Widget']!
  assert.is(properties!['spec']!['description'] as unknown, 'What is wanted')
  assert.ok(found['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'])
})

test.run()
