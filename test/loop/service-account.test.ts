import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Deps } from '../../lib/loop/deps.ts'
import { checkAccess, isOutOfReach } from '../../lib/loop/service-account.ts'
import { ApiError, ReconcileError } from '../../lib/model/errors.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { SecretBook } from '../../lib/util/secrets.ts'
import { recordLog } from '../helpers/log.ts'
import { helmRelease, snapshot, memory } from '../helpers/release.ts'

const test = suite('checkAccess() and isOutOfReach()')

const identity = { namespace: 'shop', name: 'deployer' }
const denied = new ApiError(403, 'Forbidden', 'no')
const written = memory({ history: [snapshot(1)] })
type Answer = 'there' | 'missing' | ApiError

/** Dependencies whose cluster and storage answer like this, and note what they were asked for. */
function setUp({ account = 'there' as Answer, storage = 'there' as Answer } = {}) {
  const asked: string[] = []
  const events: string[] = []
  const answer = <T>(what: string, is: Answer, found: T): T | undefined => {
    asked.push(what)
    if (is instanceof ApiError) throw is
    return is === 'there' ? found : undefined
  }
  const deps = {
    log: recordLog().log,
    secrets: new SecretBook(),
    own: { get: async () => answer('account', account, {}) },
    storage: { history: async () => answer('storage', storage, []) },
    events: { record: async (_: unknown, { reason }: { reason: string }) => events.push(reason) },
  } as unknown as Deps
  return { deps, asked, events }
}

async function codeOf(deps: Deps, desired: HelmRelease): Promise<string | undefined> {
  return await checkAccess(deps, desired).then(
    () => undefined,
    (error: unknown) =>
      error instanceof ReconcileError ? error.code : String((error as ApiError).status),
  )
}

test('what the configuration refuses is refused before anything is read', async () => {
  const { deps, asked } = setUp()
  const refusal = { of: 'references', why: 'Cannot' } as const
  assert.is(await codeOf(deps, helmRelease({ identity, refusal })), 'AccessDenied')
  assert.equal(asked, [])
})

test("the operator's own identity costs no request", async () => {
  const { deps, asked } = setUp()
  assert.is(await codeOf(deps, helmRelease()), undefined)
  assert.is(await isOutOfReach(deps, helmRelease()), false)
  assert.equal(asked, [])
})

test('an account that does not exist is not acted as, whatever bindings name it', async () => {
  const { deps, asked } = setUp({ account: 'missing' })
  assert.is(await codeOf(deps, helmRelease({ identity })), 'Forbidden')
  assert.equal(asked, ['account'])
})

test('an operator that may not look relies on the rights of the account', async () => {
  const { deps, asked } = setUp({ account: denied })
  assert.is(await codeOf(deps, helmRelease({ identity })), undefined)
  assert.equal(asked, ['account', 'storage'])
})

test('an account that may not read the storage is refused before a chart is fetched', async () => {
  const { deps } = setUp({ storage: denied })
  assert.is(await codeOf(deps, helmRelease({ identity })), '403')
})

for (const [situation, answers, over, isOut, events] of [
  ['its account is gone', { account: 'missing' }, { memory: written }, true, 1],
  ['its account is gone and never did anything', { account: 'missing' }, {}, true, 0],
  ['it is out of bounds', {}, { refusal: { of: 'release', why: '' }, memory: written }, true, 1],
  ['only a reference is out of bounds', {}, { refusal: { of: 'references', why: '' } }, false, 0],
  ['its account never had any rights', { storage: denied }, {}, true, 0],
  ['its account has lost its rights', { storage: denied }, { memory: written }, false, 0],
  ['its account is well', {}, { memory: written }, false, 0],
] as const)
  test(`a release ${isOut ? 'stays behind' : 'is uninstalled'} when ${situation}`, async () => {
    const bench = setUp(answers)
    assert.is(await isOutOfReach(bench.deps, helmRelease({ identity, ...over })), isOut)
    assert.is(bench.events.length, events)
  })

test('an API server that does not answer decides nothing', async () => {
  const { deps } = setUp({ account: new ApiError(0, 'Unreachable', 'no') })
  const error = await isOutOfReach(deps, helmRelease({ identity })).catch((caught) => caught)
  assert.is(error.status, 0)
})

test.run()
