import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { HelmRelease, History } from '../../lib/model/release.ts'
import {
  attemptHere,
  describeKept,
  foreignOwner,
  type Marks,
  proofOfOwnership,
} from '../../lib/plan/ownership.ts'
import { attempt, helmRelease, release, snapshot, memory } from '../helpers/release.ts'

const test = suite('proofOfOwnership()')

const ours = 'shop:helmrelease/web'
const others = 'a:helmrelease/b'
const install = { action: 'install', revision: 1 } as const
const begun = memory({ lastAttempt: attempt(install) })
const [first, second] = [release(1, 'superseded'), release(2, 'deployed')]
const upgraded: History = [second, first]

for (const [situation, desired, history, marks, expected] of [
  ['nothing was ever noted', {}, upgraded, [], undefined],
  [
    'only the name was noted',
    { memory: memory({ releaseName: 'shop-web' }) },
    upgraded,
    [],
    undefined,
  ],
  ['a revision is noted', { memory: memory({ history: [snapshot(2)] }) }, upgraded, [], 'written'],
  [
    'an older revision is noted, and others wrote since',
    { memory: memory({ history: [snapshot(1)] }) },
    upgraded,
    [],
    'written',
  ],
  [
    'the noted revisions are those of a release that was there before it was installed anew',
    { memory: memory({ history: [snapshot(2, { uid: 'gone' }), snapshot(1, { uid: 'gone' })] }) },
    upgraded,
    [],
    undefined,
  ],
  [
    'every noted revision only follows one of others',
    { memory: memory({ history: [snapshot(2, { adopted: true })] }) },
    upgraded,
    [],
    undefined,
  ],
  [
    'a first install of ours failed, and others have put it right',
    { memory: memory({ history: [snapshot(1, { action: 'install' })] }) },
    [second, release(1, 'failed')],
    [],
    undefined,
  ],
  [
    'a first install of ours failed',
    { memory: memory({ history: [snapshot(1, { action: 'install' })] }) },
    [release(1, 'failed')],
    [],
    'written',
  ],
  [
    'nothing is left but a failed upgrade of ours, because others have removed theirs meanwhile',
    { memory: memory({ history: [snapshot(2, { adopted: true })] }) },
    [release(2, 'failed')],
    [],
    'written',
  ],
  [
    'nothing is left but a rollback of ours to what others had',
    { memory: memory({ history: [snapshot(2, { action: 'rollback', adopted: true })] }) },
    [release(2, 'deployed')],
    [],
    undefined,
  ],
  [
    'a revision is noted, but another has marked the objects since',
    { memory: memory({ history: [snapshot(2)] }) },
    upgraded,
    [ours, others],
    undefined,
  ],
  [
    'a first install was cut short',
    { memory: begun },
    [release(1, 'pending-install')],
    [],
    'begun',
  ],
  [
    'a first install of another object of this name was cut short',
    { memory: begun, uid: 'another' },
    [release(1, 'pending-install')],
    [],
    undefined,
  ],
  [
    'a first install of another release was cut short',
    { memory: begun, releaseName: 'other' },
    [release(1, 'pending-install')],
    [],
    undefined,
  ],
  [
    'a first install in another namespace was cut short',
    { memory: begun, targetNamespace: 'other' },
    [release(1, 'pending-install')],
    [],
    undefined,
  ],
  [
    'a first install was noted, but the revision is older than the note',
    { memory: begun },
    [release(1, 'deployed', { deployedAt: '2026-01-01T11:58:00Z' })],
    [],
    undefined,
  ],
  [
    'a first install has ended, and what is there was made after it',
    { memory: memory({ lastAttempt: attempt({ ...install, endedAt: '2026-01-01T11:59:00Z' }) }) },
    [release(1, 'deployed')],
    [],
    undefined,
  ],
  [
    'a first install was noted, but others have made more revisions',
    { memory: begun },
    upgraded,
    [],
    undefined,
  ],
  [
    'a first install followed a release that was uninstalled and kept its history',
    { memory: memory({ lastAttempt: attempt({ action: 'install', revision: 2 }) }) },
    [release(2, 'failed'), release(1, 'uninstalled')],
    [],
    'begun',
  ],
  [
    'an upgrade of what was there was cut short',
    { memory: memory({ lastAttempt: attempt() }) },
    [release(2, 'pending-upgrade'), first],
    [],
    undefined,
  ],
  ['every mark is ours', {}, upgraded, [ours, undefined, ours], 'marked'],
  ['one mark is ours, and one is not', {}, upgraded, [ours, others], undefined],
  ['there is no release', { memory: begun }, [], [], undefined],
] as readonly [string, Partial<HelmRelease>, History, Marks, string | undefined][])
  test(`is ${expected ?? 'none'} when ${situation}`, () => {
    assert.is(proofOfOwnership(helmRelease(desired), history, marks), expected)
  })

test('an attempt that was not noted by this very object is none', () => {
  const noted = memory({ lastAttempt: attempt() })
  assert.ok(attemptHere(helmRelease({ memory: noted })))
  assert.is(attemptHere(helmRelease({ memory: noted, uid: 'another' })), undefined)
})

for (const [situation, found, expected] of [
  ['there are no objects', [], undefined],
  ['no object is marked', [undefined, undefined], undefined],
  ['an object bears an empty mark', [''], undefined],
  ['every mark is ours', [ours, undefined, ours], undefined],
  ['one of them is marked by another', [undefined, ours, 'a:helmrelease/b'], 'a:helmrelease/b'],
  ['two others have marked some', ['a:helmrelease/c', 'a:helmrelease/b'], 'a:helmrelease/c'],
  ['a mark differs in case only', ['shop:helmrelease/Web'], 'shop:helmrelease/Web'],
] as const)
  test(`the foreign owner is ${expected ?? 'nobody'} when ${situation}`, () => {
    assert.is(foreignOwner(ours, found), expected)
  })

for (const [why, says] of [
  ['unproven', /has never installed or upgraded it.*helm uninstall shop-web --namespace shop$/],
  ['helm2', /asks for Helm 2/],
  [{ owner: others }, /it belongs to "a:helmrelease\/b"$/],
] as const)
  test(`says why a release stays: ${JSON.stringify(why)}`, () => {
    assert.match(describeKept(helmRelease(), why), says)
  })

test.run()
