import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ApplyMethod, HelmStatus, History } from '../../lib/model/release.ts'
import { applyMethodFor } from '../../lib/plan/apply-method.ts'
import { release } from '../helpers/release.ts'

const test = suite('applyMethodFor()')

const by = (status: HelmStatus, applyMethod?: ApplyMethod) =>
  [status, applyMethod === undefined ? {} : { applyMethod }] as const

for (const [situation, installMethod, newest, others, expected] of [
  ['nothing is installed', 'server', undefined, [], 'server'],
  ['nothing is installed', 'client', undefined, [], 'client'],
  ['only a failed install was made', 'client', by('failed', 'server'), [], 'client'],
  ['only a failed install was made', 'server', by('failed', 'client'), [], 'server'],
  ['a revision is deployed', 'client', by('deployed', 'server'), [], 'server'],
  ['a revision is deployed', 'server', by('deployed', 'client'), [], 'client'],
  ['Helm 3 has deployed it', 'server', by('deployed'), [], 'client'],
  ['an upgrade has failed', 'client', by('failed', 'server'), [by('deployed', 'server')], 'server'],
  ['it was rolled back', 'server', by('deployed'), [by('superseded', 'server')], 'client'],
] as const)
  test(`a spec that asks for ${installMethod} on install, when ${situation}: ${expected}`, () => {
    assert.is(
      applyMethodFor({ installMethod, upgradeMethod: 'unchanged' }, historyOf(newest, ...others)),
      expected,
    )
  })

test('a spec that asks for a method on upgrade gets it once a revision has succeeded', () => {
  for (const method of ['client', 'server'] as const) {
    const other = method === 'client' ? 'server' : 'client'
    const asked = { installMethod: other, upgradeMethod: method } as const
    assert.is(applyMethodFor(asked, historyOf(by('deployed', other))), method)
    assert.is(applyMethodFor(asked, historyOf(by('failed', other), by('deployed'))), method)
    assert.is(applyMethodFor(asked, historyOf(by('failed', other))), other)
  }
})

function historyOf(...revisions: (ReturnType<typeof by> | undefined)[]): History {
  const [first, ...rest] = revisions
    .filter((one) => one !== undefined)
    .map(([status, more], index) => release(9 - index, status, more))
  return first ? [first, ...rest] : []
}

test.run()
