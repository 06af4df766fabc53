import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Deps } from '../../lib/loop/deps.ts'
import { readOwners } from '../../lib/loop/owners.ts'
import { ApiError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { release } from '../helpers/release.ts'

const test = suite('readOwners()')

const mark = 'helm.fluxcd.io/antecedent'
const objects = ['first', 'second', 'third'].map((name) => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
}))

// A cluster of which every object answers as told.
function clusterOf(answers: Record<string, KubeObject['metadata'] | ApiError | undefined>): Deps {
  const type = { group: '', version: 'v1', plural: 'configmaps', namespaced: true }
  const get = async (_: unknown, name: string): Promise<KubeObject | undefined> => {
    const answer = answers[name]
    if (answer instanceof Error) throw answer
    return answer && { apiVersion: 'v1', kind: 'ConfigMap', metadata: answer }
  }
  return { cluster: { get, resourceFor: async () => type } } as unknown as Deps
}

const owners = (deps: Deps) => readOwners(deps, mark, release(1, 'deployed', { objects }))
const markedBy = (id: string) => ({ name: 'x', annotations: { [mark]: id } })

test('asks every object of the manifest, and answers in its order', async () => {
  const deps = clusterOf({ first: markedBy('a'), second: { name: 'second' }, third: markedBy('c') })
  assert.equal(await owners(deps), ['a', undefined, 'c'])
})

test('takes an object that is gone or may not be read for one without a mark', async () => {
  const forbidden = new ApiError(403, 'Forbidden', 'no')
  const deps = clusterOf({ first: forbidden, second: undefined, third: markedBy('c') })
  assert.equal(await owners(deps), [undefined, undefined, 'c'])
})

test('takes a server that does not answer for no answer at all', async () => {
  const deps = clusterOf({ first: new ApiError(0, 'ServiceUnavailable', 'away') })
  const error = await owners(deps).catch((caught: unknown) => caught)
  assert.ok(error instanceof ApiError && error.status === 0)
})

test.run()
