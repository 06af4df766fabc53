// The CRDs say what the codecs read and write: the same fields, described, in both generations.
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { codecFor, codecs } from '../../lib/api/codec.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('the CRDs')

type Schema = {
  type?: string
  description?: string
  required?: string[]
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
  spec: { group: string; names: { plural: string; kind: string }; versions: Version[] }
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
      [crd.spec.group, crd.spec.names.plural, crd.spec.names.kind, crd.spec.versions[0]!.name],
      [codec.group, codec.plural, codec.kind, codec.version],
    )
    assert.equal(crd.spec.versions[0]!.subresources, { status: {} })
  }
})

test('kubectl get shows the columns that people have in their scripts, in their order', async () => {
  for (const { group } of codecs) {
    const crd = await readYaml<Crd>(`crds/helmreleases.${group}.yaml`)
    const columns = crd.spec.versions[0]!.additionalPrinterColumns
    assert.equal(
      columns.filter(({ priority }) => !priority).map(({ name }) => name),
      ['Release', 'Phase', 'ReleaseStatus', 'Message', 'Age'],
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

test('a spec needs a chart and nothing else', async () => {
  const { properties } = await schemaOf('helm.fluxcd.io')
  assert.equal(properties!['spec']!.required, ['chart'])
  assert.is(properties!['spec']!.properties!['chart']!.required, undefined)
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
  const { status, annotations, problems, ...release } = codecFor('helm.fluxcd.io')!.decode(object)
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
    forceUpgrade: true,
    disableOpenApiValidation: true,
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
  const codec = codecFor('helm.fluxcd.io')!
  for (const name of phase!.enum!) {
    const { status } = codec.decode(wireRelease({}, { status: { phase: name } }))
    assert.equal(codec.encodeStatus(status, wireRelease({})), { phase: name })
  }
  for (const type of conditions!.items!.properties!['type']!.enum!) {
    const wire = { conditions: [{ type, status: 'True' }] }
    const { status } = codec.decode(wireRelease({}, { status: wire }))
    assert.equal(codec.encodeStatus(status, wireRelease({})), wire)
  }
})

test.run()
