import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBuiltin } from '../../lib/sandbox/decode.ts'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { canonicalQuantity, compareQuantities } from '../../lib/util/quantity.ts'
import { StatusError, type Obj } from '../../lib/sandbox/types.ts'

const test = suite('decodeBuiltin()')
const definitions = builtinDefinitions()

function decoded(kind: string, fields: object): { [field: string]: unknown } {
  const definition = definitions.find((one) => one.kind === kind)!
  const { group, version } = definition
  const apiVersion = group === '' ? version : `${group}/${version}`
  return decodeBuiltin(definition, { apiVersion, kind, metadata: { name: 'x' }, ...fields } as Obj)
}

function containers(...list: unknown[]): object {
  return { spec: { template: { spec: { containers: list } } } }
}

test('drops nulls, and empty or zero values where a field is optional', () => {
  const object = decoded('Pod', {
    metadata: { name: 'x', labels: {}, annotations: null },
    spec: { hostNetwork: false, nodeSelector: {}, tolerations: [], containers: [], hostname: '' },
  })
  assert.equal(object['metadata'], { name: 'x' })
  assert.equal(object['spec'], { containers: [] })
})

test('keeps zero where it was meant', () => {
  const spec = {
    replicas: 0,
    minReadySeconds: 0,
    strategy: { rollingUpdate: { maxSurge: 0 } },
    template: { spec: { automountServiceAccountToken: false, containers: [] } },
  }
  assert.equal(decoded('Deployment', { spec })['spec'], {
    replicas: 0,
    strategy: { rollingUpdate: { maxSurge: 0 } },
    template: { metadata: {}, spec: { automountServiceAccountToken: false, containers: [] } },
  })
})

test('adds the structs that are there even when empty, and the numbers of a status', () => {
  const { status, spec } = decoded('DaemonSet', {})
  assert.equal(status, {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  })
  assert.equal(spec, { template: { metadata: {}, spec: {} }, updateStrategy: {} })
  const [container] = (
    decoded('Pod', { spec: { containers: [{ name: 'a' }] } })['spec'] as {
      containers: unknown[]
    }
  )['containers']
  assert.equal(container, { name: 'a', resources: {} })
})

test('writes quantities in their canonical form', () => {
  const resources = { limits: { cpu: 0.5, memory: '1024Mi' } }
  const { spec } = decoded('Pod', { spec: { containers: [{ name: 'a', resources }] } })
  assert.equal((spec as { containers: object[] }).containers[0], {
    name: 'a',
    resources: { limits: { cpu: '500m', memory: '1Gi' } },
  })
})

test('changes nothing the second time', () => {
  const once = decoded('Deployment', containers({ name: 'a', ports: [{ containerPort: 80 }] }))
  assert.equal(decoded('Deployment', once), once)
})

const field = 'Go struct field'

for (const [situation, kind, fields, expected] of [
  [
    'text for a number',
    'Deployment',
    { spec: { replicas: 'x' } },
    `cannot unmarshal string into ${field} DeploymentSpec.spec.replicas of type int32`,
  ],
  [
    'a fraction',
    'Deployment',
    { spec: { replicas: 1.5 } },
    `cannot unmarshal number 1.5 into ${field} DeploymentSpec.spec.replicas of type int32`,
  ],
  [
    'a number that is too large',
    'Deployment',
    { spec: { replicas: 99999999999 } },
    `cannot unmarshal number 99999999999 into ${field} DeploymentSpec.spec.replicas of type int32`,
  ],
  [
    'a number in the environment',
    'Deployment',
    containers({ name: 'a', env: [{ name: 'A', value: 1 }] }),
    `cannot unmarshal number into ${field} EnvVar.spec.template.spec.containers.env.value of type string`,
  ],
  [
    'a struct for a list',
    'Deployment',
    { spec: { template: { spec: { containers: {} } } } },
    `cannot unmarshal object into ${field} PodSpec.spec.template.spec.containers of type []v1.Container`,
  ],
  [
    'a list for a map',
    'ConfigMap',
    { data: ['x'] },
    `cannot unmarshal array into ${field} ConfigMap.data of type map[string]string`,
  ],
  [
    'a label that is no text',
    'ConfigMap',
    { metadata: { name: 'x', labels: { a: true } } },
    `cannot unmarshal bool into ${field} ObjectMeta.metadata.labels of type string`,
  ],
  [
    'a quantity that is none',
    'Deployment',
    containers({ name: 'a', resources: { limits: { cpu: 'x' } } }),
    'quantities must match the regular expression',
  ],
  [
    'data that is not base64',
    'Secret',
    { data: { a: '$$' } },
    'illegal base64 data at input byte 0',
  ],
] as const) {
  test(`refuses ${situation} with 400, in the words of a Go server`, () => {
    assert.throws(
      () => decoded(kind, fields),
      (error: unknown) =>
        error instanceof StatusError &&
        error.code === 400 &&
        error.message.includes('cannot be handled as a') &&
        error.message.includes(expected),
    )
  })
}

for (const [written, canonical] of [
  ['0.5', '500m'],
  ['2000m', '2'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['100000000', '100M'],
  ['12e6', '12e6'],
  ['-5Mi', '-5Mi'],
  ['0', '0'],
] as const)
  test(`canonicalQuantity() writes ${written} as ${canonical}`, () => {
    assert.equal(canonicalQuantity(written), { text: canonical })
  })

test('canonicalQuantity() refuses what is none', () => {
  for (const text of ['abc', '1Gx', '', '1e', '1 Gi']) assert.ok('error' in canonicalQuantity(text))
})

test('compareQuantities() compares amounts, not texts', () => {
  assert.ok(compareQuantities('900m', '1') < 0)
  assert.ok(compareQuantities('1Gi', '1G') > 0)
  assert.is(compareQuantities('1000m', '1'), 0)
})

test.run()
