// The CRDs say what the codecs read and write: the same fields, described, in both generations.
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { codecFor, codecs } from '../../lib/api/codec.ts'
import { decodeStatus, encodeWhole } from '../../lib/api/legacy/status.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('the CRDs')

type Schema = {
  type?: string
  description?: string
  required?: string[]
  format?: string
  pattern?: string
  oneOf?: { required: string[] }[]
  enum?: string[]
  properties?: Record<string, Schema>
  items?: Schema
  'x-kubernetes-preserve-unknown-fields'?: boolean
}
type Version = {
  name: string
  subresources: object
  additionalPrinterColumns: { name: string; priority?: number; jsonPath: string }[]
  schema: { openAPIV3Schema: Schema }
}
type Crd = {
  metadata: { name: string }
  spec: { group: string; scope: string; names: object; versions: Version[] }
}

async function readYaml<T>(path: string): Promise<T> {
  return parse(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')) as T
}

async function schemaOf(group: string): Promise<Schema> {
  const crd = await readYaml<Crd>(`crds/helmreleases.${group}.yaml`)
  return crd.spec.versions[0]!.schema.openAPIV3Schema
}

// Every place in a schema, as "spec.valuesFrom[].chartFileRef.path".
function places(schema: Schema, at = ''): [string, Schema][] {
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    places(property, at === '' ? name : `${at}.${name}`),
  )
  return [[at, schema], ...inside, ...(schema.items ? places(schema.items, `${at}[]`) : [])]
}

function leaves(value: unknown, at: string): string[] {
  if (at === 'spec.values' || typeof value !== 'object' || value === null) return [at]
  return Array.isArray(value)
    ? value.flatMap((item) => leaves(item, `${at}[]`))
    : Object.entries(value).flatMap(([name, member]) => leaves(member, `${at}.${name}`))
}

test('each generation has the CRD that its codec expects', async () => {
  for (const codec of codecs) {
    const crd = await readYaml<Crd>(`crds/helmreleases.${codec.group}.yaml`)
    assert.is(crd.metadata.name, `${codec.plural}.${codec.group}`)
    assert.equal(
      [crd.spec.group, crd.spec.scope, crd.spec.versions.map(({ name }) => name)],
      [codec.group, 'Namespaced', [codec.version]],
    )
    assert.equal(crd.spec.names, {
      kind: codec.kind,
      listKind: 'HelmReleaseList',
      plural: codec.plural,
      singular: 'helmrelease',
      shortNames: codec.version === 'v1' ? ['hr', 'hrs'] : ['hr'],
    })
    assert.equal(crd.spec.versions[0]!.subresources, { status: {} })
  }
})

test('kubectl get shows whether a release is ready, and why not, without asking for more', async () => {
  for (const { group } of codecs) {
    const crd = await readYaml<Crd>(`crds/helmreleases.${group}.yaml`)
    const columns = crd.spec.versions[0]!.additionalPrinterColumns
    assert.equal(
      columns.filter(({ priority }) => !priority).map(({ name, jsonPath }) => [name, jsonPath]),
      [
        ['Release', '.status.releaseName'],
        ['Ready', '.status.conditions[?(@.type=="Ready")].status'],
        ['Phase', '.status.phase'],
        ['Message', '.status.conditions[?(@.type=="Ready")].message'],
        ['Age', '.metadata.creationTimestamp'],
      ],
    )
  }
})

test('every field is described', async () => {
  for (const { group } of codecs) {
    const silent = places(await schemaOf(group))
      .filter(([at, { description }]) => !description && at !== 'metadata' && !at.endsWith('[]'))
      .map(([at]) => at)
    assert.equal(silent, [])
  }
})

test('only values may hold what no schema knows', async () => {
  for (const { group } of codecs) {
    const open = places(await schemaOf(group))
      .filter(([, schema]) => schema['x-kubernetes-preserve-unknown-fields'])
      .map(([at]) => at)
    assert.equal(open, ['spec.values'])
  }
})

test('a spec needs a chart and nothing else, and a reference what it refers to', async () => {
  const v1 = places(await schemaOf('helm.fluxcd.io'))
  const needed = v1.flatMap(([at, { required }]) => (required ? [[at, required.join()]] : []))
  assert.equal(Object.fromEntries(needed), {
    '': 'metadata,spec',
    spec: 'chart',
    'spec.chart.secretRef': 'name',
    'spec.chart.chartPullSecret': 'name',
    'spec.valuesFrom[].configMapKeyRef': 'name',
    'spec.valuesFrom[].secretKeyRef': 'name',
    'spec.valuesFrom[].externalSourceRef': 'url',
    'spec.valuesFrom[].chartFileRef': 'path',
    'spec.valueFileSecrets[]': 'name',
    'status.conditions[]': 'type,status',
    'status.history[]': 'revision',
    'status.lastAttempt.waitsFor[]': 'apiVersion,kind',
  })
  // What no HelmRelease of the operator before us has may be refused.
  assert.equal(
    v1.flatMap(([at, { pattern, oneOf }]) => ((pattern ?? oneOf) ? [at] : [])),
    ['spec.serviceAccountName'],
  )
})

test('numbers are 64 bits wide, but for maxHistory, of which nobody ever said so', async () => {
  for (const { group, version } of codecs) {
    const numbers = places(await schemaOf(group)).filter(([, { type }]) => type === 'integer')
    assert.equal(
      numbers.filter(([, { format }]) => format !== 'int64').map(([at]) => at),
      version === 'v1' ? ['spec.maxHistory'] : [],
    )
  }
})

test('v1beta1 refuses names, charts and references that it always refused', async () => {
  const old = new Map(places(await schemaOf('flux.weave.works')))
  const name = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'
  assert.is(old.get('spec.releaseName')!.pattern, name)
  assert.is(old.get('spec.targetNamespace')!.pattern, name)
  const choices = (at: string) => old.get(at)!.oneOf!.map(({ required }) => required.join())
  assert.equal(choices('spec.chart'), ['git,path', 'repository,name,version'])
  assert.equal(choices('spec.valuesFrom[]'), [
    'configMapKeyRef',
    'secretKeyRef',
    'externalSourceRef',
    'chartFileRef',
  ])
})

test('the fixture with every field has every field of the v1 schema', async () => {
  const { properties } = await schemaOf('helm.fluxcd.io')
  const known = places(properties!['spec']!, 'spec')
    .filter(([, { type }]) => type !== 'object' && type !== 'array')
    .map(([at]) => at)
  const object = await readYaml<KubeObject>('test/fixtures/everyfield.yaml')
  assert.equal([...new Set(leaves(object['spec'], 'spec'))].sort(), known.sort())
})

test('no field of the v1 schema is lost on the way into the model', async () => {
  const object = await readYaml<KubeObject>('test/fixtures/everyfield.yaml')
  const { memory, annotations, problems, ...release } = codecFor('helm.fluxcd.io')!.decode(object)
  assert.equal(annotations, object.metadata.annotations)
  assert.equal(problems, ['spec.chart names a git repository and a Helm repository: git is used'])
  assert.equal(release, {
    key: { group: 'helm.fluxcd.io', namespace: 'team-blue', name: 'shop-api' },
    apiVersion: 'helm.fluxcd.io/v1',
    uid: '',
    generation: 0,
    resourceVersion: '',
    finalizers: [],
    owner: { annotation: 'helm.fluxcd.io/antecedent', id: 'team-blue:helmrelease/shop-api' },
    identity: { namespace: 'team-blue', name: 'deployer' },
    releaseName: 'api',
    targetNamespace: 'shop',
    helmVersion: 'v4',
    source: {
      kind: 'git',
      url: 'ssh://git@git.example.net:2222/charts/Mono.git',
      ref: 'release-2',
      path: 'services/api',
      updateDependencies: false,
      secretRef: { namespace: 'platform', name: 'git-basic' },
    },
    values: {
      inline: {
        image: { repository: 'registry.example.net/api', tag: '2.4.1' },
        replicaCount: 3,
      },
      from: [
        secret({ namespace: 'team-blue', name: 'old-values', key: 'values.yaml', optional: false }),
        { ...secret({ name: 'defaults', key: 'api.yaml' }), kind: 'ConfigMap' },
        secret({ name: 'api-secrets', key: 'prod.yaml' }),
        { kind: 'url', url: 'https://cfg.example.net/api.yaml', optional: true },
        { kind: 'chartFile', path: 'overrides/prod.yaml', optional: true },
      ],
    },
    timeoutMs: 600_000,
    maxHistory: 5,
    wait: false,
    resetValues: false,
    skipCrds: true,
    installMethod: 'server',
    upgradeMethod: 'client',
    forceUpgrade: true,
    disableOpenApiValidation: true,
    validate: 'server',
    onInstallFailure: 'keep',
    maxInstallRetries: 1,
    rollback: {
      enable: true,
      retry: true,
      maxRetries: 2,
      force: true,
      recreate: true,
      disableHooks: true,
      timeoutMs: 120_000,
      wait: true,
    },
    test: { enable: true, ignoreFailures: true, timeoutMs: 90_000, cleanup: false },
  })
})

function secret(over: object): object {
  return { kind: 'Secret', namespace: 'platform', optional: true, ...over }
}

test('v1beta1 is v1 with fewer spec fields, and reads them alike', async () => {
  const [v1, v1beta1] = [await schemaOf('helm.fluxcd.io'), await schemaOf('flux.weave.works')]
  const newer = new Map(places(v1))
  const strange = places(v1beta1)
    .filter(([at, schema]) => {
      const twin = newer.get(at)
      // "object" narrows what v1 leaves open.
      return !twin || (schema.type !== twin.type && at !== 'spec.values')
    })
    .map(([at]) => at)
  assert.equal(strange, ['status.valuesChecksum'])
})

test('both generations show the same status', async () => {
  const [v1, v1beta1] = [await schemaOf('helm.fluxcd.io'), await schemaOf('flux.weave.works')]
  const { valuesChecksum, ...shared } = v1beta1.properties!['status']!.properties!
  assert.ok(valuesChecksum)
  assert.equal(shared, v1.properties!['status']!.properties)
})

test('every phase and condition type of the schema is read, and what is read is written', async () => {
  const { properties } = await schemaOf('helm.fluxcd.io')
  const { phase, conditions } = properties!['status']!.properties!
  for (const name of phase!.enum!) {
    const status = decodeStatus({ phase: name })
    assert.equal(encodeWhole(status, wireRelease({})), { phase: name })
  }
  for (const type of conditions!.items!.properties!['type']!.enum!) {
    const wire = { conditions: [{ type, status: 'True' }] }
    assert.equal(encodeWhole(decodeStatus(wire), wireRelease({})), wire)
  }
})

test.run()
