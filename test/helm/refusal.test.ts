import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judgeAnswer, type Judged, type Judgement } from '../../lib/helm/refusal.ts'
import { ApiError } from '../../lib/model/errors.ts'

const test = suite('judgeAnswer()')

function judge(status: number, answer: string, over: Partial<Judged> = {}): Judgement {
  const error = new ApiError(status, 'Reason', `Cannot create it: ${answer}`, { answer })
  const brought = ['namespaces team', 'serviceaccount web', 'PriorityClass web']
  const brings: Judged['brings'] = (what, name) => brought.includes(`${what} ${name}`)
  return judgeAnswer(error, { isThere: false, apiVersion: 'apps/v1', brings, ...over })
}

const correct = 'correct the values, or the chart'
const unmarshal =
  'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'
const wrongType = `field spec.replicas gets a string where int32 is wanted; ${correct}`
const invalid =
  'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be at least 0'
const whyInvalid = `spec.replicas: Invalid value: -1: must be at least 0; ${correct}`

for (const [situation, status, answer, code, why] of [
  [
    'a value of the wrong type',
    400,
    `Deployment in version "v1" cannot be handled as a Deployment: ${unmarshal}`,
    'ObjectRefused',
    wrongType,
  ],
  [
    'one in a patch, without the object that is quoted around it',
    422,
    ` "" is invalid: patch: Invalid value: "{\\"data\\":{\\"password\\":\\"aHVudGVyMg==\\"}}": ${unmarshal}`,
    'ObjectRefused',
    wrongType,
  ],
  ['a value that is not allowed', 422, invalid, 'ObjectRefused', whyInvalid],
  [
    'a port that may be given back',
    422,
    'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    'ObjectInvalid',
    `spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated; ${correct}`,
  ],
  [
    'what was applied on the server and has the wrong type',
    500,
    'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string',
    'ObjectRefused',
    `.spec.replicas: expected numeric (int or float), got string; ${correct}`,
  ],
  [
    'a right that is missing',
    403,
    'deployments.apps is forbidden: User "system:serviceaccount:shop:deployer" cannot create resource "deployments" in API group "apps" in the namespace "shop"',
    'Forbidden',
    'service account "deployer" in namespace "shop" may not create deployments.apps in namespace "shop"; grant that with a Role and a RoleBinding',
  ],
  [
    'a quota that is used up',
    403,
    'pods "web" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4',
    undefined,
    'exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4',
  ],
  [
    'a webhook that says no',
    400,
    'admission webhook "policy.example.net" denied the request: no "latest" here',
    undefined,
    'admission webhook "policy.example.net" refuses it: no "latest" here',
  ],
  [
    'a namespace that does not exist',
    404,
    'namespaces "later" not found',
    'TargetNamespaceNotFound',
    'namespace "later" does not exist; create it, since the operator creates no namespaces',
  ],
  [
    'a server that fails at it',
    500,
    'Internal error occurred',
    undefined,
    'Internal error occurred',
  ],
] as const)
  test(`refuses ${situation}`, () => {
    const expected = { kind: 'refused', ...(code === undefined ? {} : { code }), why }
    assert.equal(judge(status, answer), expected)
  })

const fixed = 'Invalid value: {"matchLabels":{"app":"other"}}: field is immutable'
const labels =
  'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match'

for (const [what, faults, field] of [
  ['a field that is fixed', `spec.selector: ${fixed}`, 'spec.selector'],
  ['one of several faults', `[${labels}, spec.selector: ${fixed}]`, 'spec.selector'],
  ['a claim', 'spec: Forbidden: spec is immutable after creation except requests', 'spec'],
  ['a set', 'spec: Forbidden: updates to statefulset spec for fields other than x', 'spec'],
] as const)
  test(`says what cannot be changed of ${what}`, () =>
    assert.equal(judge(422, `Kind "web" is invalid: ${faults}`, { isThere: true }), {
      ...{ kind: 'refused', code: 'ObjectInvalid' },
      why: `it exists and its field ${field} cannot be changed; delete the object, or undo the change`,
    }))

test('finds the reason behind an object of any size', () => {
  const quoted = 'a, b: '.repeat(300_000)
  const answer = ` "" is invalid: patch: Invalid value: "${quoted}": ${unmarshal}`
  assert.equal(judge(422, answer), { kind: 'refused', code: 'ObjectRefused', why: wrongType })
})

test('what is not allowed of a custom kind, or of an object that exists, may be allowed later', () => {
  const later = { kind: 'refused', code: 'ObjectInvalid', why: whyInvalid }
  assert.equal(judge(422, invalid, { apiVersion: 'x.io/v1' }), later)
  assert.equal(judge(422, invalid, { isThere: true }), later)
  assert.equal(judge(422, invalid, { apiVersion: 'networking.k8s.io/v1' }), {
    ...later,
    code: 'ObjectRefused',
  })
})

for (const [situation, status, answer, why] of [
  [
    'a webhook must be called that takes no dry runs',
    400,
    'admission webhook "vault.example.net" does not support dry run',
    'admission webhook "vault.example.net" takes no dry runs',
  ],
  [
    'it needs a namespace of the release',
    404,
    'namespaces "team" not found',
    'it needs namespaces "team" of this release',
  ],
  [
    'it needs a service account of the release',
    403,
    'pods "web" is forbidden: error looking up service account shop/web: serviceaccount "web" not found',
    'it needs serviceaccount "web" of this release',
  ],
  [
    'it needs a priority class of the release',
    403,
    'pods "web" is forbidden: no PriorityClass with name web was found',
    'it needs PriorityClass "web" of this release',
  ],
] as const)
  test(`knows nothing where ${situation}`, () =>
    assert.equal(judge(status, answer), { kind: 'unknown', why }))

test('takes an object that somebody else has made or deleted meanwhile for accepted', () => {
  assert.equal(judge(409, 'configmaps "web" already exists'), { kind: 'accepted' })
  assert.equal(judge(404, 'deployments.apps "web" not found'), { kind: 'accepted' })
})

test('takes no answer for none', () => {
  for (const status of [0, 401, 429, 503, 504])
    assert.equal(judge(status, ''), { kind: 'unanswered' })
})

test.run()
