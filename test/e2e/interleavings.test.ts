// Edits, deletions and kills of the operator in random order, one right after the other: in the end everything is as the
// HelmReleases that are left ask for, and nothing else is there.
import process from 'node:process'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Obj } from '../../lib/sandbox/types.ts'
import { configMap } from '../helpers/chart.ts'
import { startOperatorProcess, type OperatorProcess } from '../helpers/child.ts'
import { conditionOf, withOperator, type RunningOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { seeded } from '../helpers/seed.ts'
import { until } from '../helpers/until.ts'

const test = suite('edits, deletions and kills in random order')

const kind = 'helmreleases.helm.fluxcd.io'
// Others may run the same test on this machine.
const names = ['a', 'b'].map((name) => `${name}-${process.pid}`)

type Step = { act: 'edit' | 'delete' | 'kill' | 'stop'; name: string; lines: number }

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom('edit', 'edit', 'edit', 'delete', 'kill', 'stop'),
    name: fc.constantFrom(...names),
    // How much the operator logs before the next step.
    lines: fc.integer({ min: 0, max: 6 }),
  }),
  { minLength: 12, maxLength: 12 },
)

type World = { operator: RunningOperator; chart: object; process: OperatorProcess }

function start({ kubeconfig }: RunningOperator): OperatorProcess {
  return startOperatorProcess([`--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0'])
}

/** Does a step; answers what the release is to say from then on, null if it is to be gone. */
async function play(world: World, { act, name }: Step, number: number): Promise<string | null> {
  const { api } = world.operator
  const found = api.get(kind, 'default', name)
  const isGoing = found?.metadata.deletionTimestamp !== undefined
  const wanted = found === undefined || isGoing ? null : valueOf(found)
  switch (act) {
    case 'kill':
    case 'stop':
      await world.process.kill(act === 'kill' ? 'SIGKILL' : 'SIGTERM')
      world.process = start(world.operator)
      return wanted
    case 'delete':
      if (found !== undefined) api.delete(kind, 'default', name)
      return null
    case 'edit': {
      // What is going cannot be called back.
      if (isGoing) return null
      const spec = { chart: world.chart, values: { data: { a: `step-${number}` } } }
      if (found !== undefined) api.update(kind, { ...found, spec })
      else {
        const metadata = { name, namespace: 'default' }
        api.create(kind, { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', metadata, spec })
      }
      return `step-${number}`
    }
  }
}

function valueOf(object: Obj): string {
  return (object.spec as { values: { data: { a: string } } }).values.data.a
}

// What is there of a release: what it says, and its revisions that are in force or in the way.
function stateOf({ api }: RunningOperator, name: string): string {
  const object = api.get(kind, 'default', name)
  const live = api.get('configmaps', 'default', `default-${name}`) as { data?: { a?: string } }
  const revisions = api
    .list('secrets', 'default')
    .map(({ metadata }) => metadata.labels ?? {})
    .filter((labels) => labels.owner === 'helm' && labels.name === `default-${name}`)
    .map((labels) => labels.status)
    .filter((status) => status !== 'superseded' && status !== 'failed')
  const ready = object && conditionOf(object, 'Ready')?.status
  return [
    object ? `ready ${ready}` : 'no object',
    live?.data?.a ?? 'no release',
    ...revisions,
  ].join()
}

test('all ends as what is left asks for', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async (operator) => {
      await operator.stop()
      const world: World = { operator, chart, process: start(operator) }
      const wanted = new Map<string, string | null>(names.map((name) => [name, null]))
      const [story = []] = fc.sample(steps, seeded('interleavings', 1))
      try {
        for (const [number, step] of story.entries()) {
          wanted.set(step.name, await play(world, step, number))
          const { lines } = world.process
          const enough = lines.length + step.lines
          // It may have nothing more to say.
          await until('it has gone on', () => lines.length >= enough, 300).catch(() => undefined)
        }
        for (const name of names) {
          const value = wanted.get(name)
          const expected = value === null ? 'no object,no release' : `ready True,${value},deployed`
          const isThere = (): boolean => stateOf(operator, name) === expected
          await until(`${name} is as asked for`, isThere, 60_000).catch(() => undefined)
          assert.is(stateOf(operator, name), expected, JSON.stringify(story))
        }
      } finally {
        await world.process.kill('SIGTERM')
      }
    })
  }))

test.run()
