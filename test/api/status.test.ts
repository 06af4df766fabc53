// The status on the wire: what is written, what is left out, what is left alone.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecFor, codecs } from '../../lib/api/codec.ts'
import type { Condition } from '../../lib/api/legacy/shown.ts'
import { decodeStatus, encodeWhole, type Status } from '../../lib/api/legacy/status.ts'
import type { Snapshot } from '../../lib/model/memory.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('the status of a HelmRelease')
const codec = codecFor('helm.fluxcd.io/v1')!
const at = '2024-05-01T10:00:00Z'

function condition(type: Condition['type'], status: Condition['status']): Condition {
  return {
    type,
    status,
    reason: 'Succeeded',
    message: 'as asked',
    lastUpdateTime: at,
    lastTransitionTime: at,
  }
}

const snapshot: Snapshot = {
  revision: 4,
  uid: 'u-9',
  action: 'upgrade',
  generation: 3,
  chartVersion: '1.2.3',
  chartDigest: 'sha256:aa',
  valuesDigest: 'sha256:bb',
  deployedAt: at,
  tested: 'passed',
}

const full: Status = {
  observedGeneration: 3,
  phase: 'Succeeded',
  releaseName: 'shop-api',
  releaseNamespace: 'shop',
  releaseStatus: 'deployed',
  revision: '1.2.3',
  lastAttemptedRevision: '1.2.3',
  lastAttempt: {
    action: 'upgrade',
    releaseName: 'shop-api',
    releaseNamespace: 'shop',
    uid: 'u-9',
    begunAt: at,
    endedAt: at,
    revision: 4,
    generation: 3,
    chartDigest: 'sha256:aa',
    valuesDigest: 'bb',
    failedAt: at,
    failures: 2,
    retryAt: at,
    waitsFor: [{ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }],
  },
  journal: { action: 'upgrade', revision: 4, generation: 3, stage: 'applied' },
  rollbackCount: 2,
  installFailures: 1,
  conditions: [
    condition('Deployed', 'True'),
    condition('Released', 'True'),
    condition('Ready', 'True'),
  ],
  history: [snapshot],
}

const none: Status = { observedGeneration: 0, rollbackCount: 0, conditions: [], history: [] }

test('what was written is read again as it was', () => {
  assert.equal(decodeStatus(encodeWhole(full, wireRelease({}))), full)
  const { phase, conditions, ...memory } = full
  const told = { verdict: 'well', message: 'as asked', at: Date.parse(at), isProgress: false }
  for (const one of codecs) {
    const status = encodeWhole(full, wireRelease({}))
    assert.equal(one.decode(wireRelease({}, { status })).memory, { ...memory, told })
    assert.equal(one.decodeConditions(status), conditions)
  }
})

test('writing what stands there already is nothing to do', () => {
  const status = encodeWhole(full, wireRelease({}))
  assert.is(encodeWhole(full, wireRelease({}, { status })), undefined)
})

test('a first status that says nothing is not written', () => {
  assert.is(encodeWhole(none, wireRelease({})), undefined)
})

test('a later lastUpdateTime alone is no news, any other difference is', () => {
  const object = wireRelease({}, { status: encodeWhole(full, wireRelease({})) })
  const [deployed, released, ready] = full.conditions
  const later = { ...released!, lastUpdateTime: '2024-05-01T11:00:00Z' }
  const same = { ...full, conditions: [deployed!, later, ready!] }
  assert.is(encodeWhole(same, object), undefined)
  const other = { ...full, conditions: [deployed!, { ...later, message: 'new' }, ready!] }
  assert.is.not(encodeWhole(other, object), undefined)
})

test('conditions keep the order given, which is that of their recency', () => {
  const conditions = [condition('Released', 'True'), condition('ChartFetched', 'True')]
  const object = wireRelease({}, { status: encodeWhole(full, wireRelease({})) })
  const { conditions: written } = encodeWhole({ ...full, conditions }, object)!
  assert.equal(
    (written as Condition[]).map(({ type }) => type),
    ['Released', 'ChartFetched'],
  )
})

test('counters at zero, empty texts and empty lists are left out', () => {
  const status: Status = {
    ...none,
    observedGeneration: 1,
    installFailures: 0,
    conditions: [{ ...condition('Ready', 'Unknown'), lastUpdateTime: '', message: '' }],
  }
  assert.equal(encodeWhole(status, wireRelease({})), {
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Succeeded', lastTransitionTime: at }],
  })
})

test('fields and conditions that others wrote stay', () => {
  const theirs = { type: 'Approved', status: 'True' }
  const object = wireRelease(
    {},
    { status: { valuesChecksum: 'abc', rollbackCount: 9, conditions: [theirs] } },
  )
  assert.equal(encodeWhole({ ...none, conditions: [condition('Released', 'True')] }, object), {
    valuesChecksum: 'abc',
    conditions: [theirs, condition('Released', 'True')],
  })
})

test('a status that nobody can read counts as absent, piece by piece', () => {
  const decode = decodeStatus
  for (const broken of [undefined, null, 'x', [], 3])
    assert.equal({ installFailures: 0, ...none }, decode(broken))
  const { conditions, history, ...rest } = decode({
    observedGeneration: 'two',
    phase: 'Dreaming',
    revision: '1.0.0',
    conditions: [{ type: 'Released' }, { type: 'Ready', status: 'True' }, 'x'],
    history: [{ revision: 'one' }, snapshot],
  })
  assert.equal(rest, {
    observedGeneration: 0,
    rollbackCount: 0,
    installFailures: 0,
    revision: '1.0.0',
  })
  assert.equal(
    conditions.map(({ type }) => type),
    ['Ready'],
  )
  assert.equal(history, [snapshot])
})

for (const [apiVersion, types] of [
  ['helm.fluxcd.io/v1', ['Deployed', 'Released']],
  ['flux.weave.works/v1beta1', ['Released']],
] as const) {
  test(`a reduced ${apiVersion} status has only what the older CRD knows`, () => {
    const { phase, conditions: before, ...memory } = full
    const object = wireRelease({}, { status: { phase, conditions: before } })
    const said = { memory, reports: [] }
    const status = codecFor(apiVersion)!.encodeStatus(said, object, 'reduced')!
    const conditions = status['conditions'] as Condition[]
    assert.equal(
      conditions.map(({ type }) => type),
      types,
    )
    assert.is('history' in status, false)
    assert.is('installFailures' in status, false)
  })
}

const history = [snapshot]
const waiting = { type: 'Ready', status: 'Unknown', reason: 'Progressing' }
const upgrade = { action: 'upgrade', revision: 5, generation: 3 } as const

// Of fluxcd/helm-operator, of an operator of ours without a journal, and of one under that operator's CRD.
for (const [title, wire, expected] of [
  ['Upgrading', { phase: 'Upgrading' }, { ...upgrade, stage: 'begun' }],
  [
    'Upgrading, waiting',
    { phase: 'Upgrading', conditions: [waiting] },
    { ...upgrade, stage: 'applied' },
  ],
  ['Installing', { phase: 'Installing' }, { ...upgrade, action: 'install', stage: 'begun' }],
  ['RollingBack', { phase: 'RollingBack' }, { ...upgrade, action: 'rollback', stage: 'begun' }],
  [
    'RollbackFailed',
    { phase: 'RollbackFailed' },
    { ...upgrade, action: 'rollback', stage: 'failed' },
  ],
  ['Testing', { phase: 'Testing' }, { ...upgrade, action: 'test', revision: 4, stage: 'begun' }],
  ['Deployed', { phase: 'Deployed' }, { ...upgrade, stage: 'succeeded' }],
  ['Succeeded', { phase: 'Succeeded' }, undefined],
  ['DeployFailed', { phase: 'DeployFailed' }, undefined],
] as const)
  test(`without a journal, the phase tells what was going on: ${title}`, () => {
    const lastAttempt = { ...full.lastAttempt, revision: 5 }
    const status = { observedGeneration: 3, lastAttempt, history, ...wire }
    assert.equal(codec.decodeMemory(status).journal, expected)
  })

test('a journal counts more than the phase', () => {
  const status = { phase: 'Upgrading', journal: full.journal }
  assert.equal(codec.decodeMemory(status).journal, full.journal)
})

test('whether it was rolled back is known of an operator that kept no record of revisions', () => {
  const conditions = [condition('RolledBack', 'True')]
  assert.is(codec.decodeMemory({ conditions }).wasRolledBack, true)
  assert.is(codec.decodeMemory({}).wasRolledBack, undefined)
})

test.run()
