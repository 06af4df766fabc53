// What the next operator makes of a release when the one before it was killed: the object says what it said at that moment, and
// Helm's storage holds what helm had done by then.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Obj, SandboxApi } from '../../lib/sandbox/types.ts'
import { withStage, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('an operator that was killed')

const kind = 'helmreleases.helm.fluxcd.io'
const rollback = { enable: true }
const tested = { enable: true }
const breaking = { rollback, values: { break: 1 } }

type Story = {
  spec: object
  // An edit after the first one succeeded.
  edit?: object
  // An edit after the operator was killed.
  meanwhile?: object
  // Where it is left alone.
  rests: string
  // The phase that the object showed when the operator was killed, and until which helm had worked.
  killedAt: string
  helmAt: string
  // What the next one says anew, and the storage when it is done.
  phases: string[]
  history: string[]
}

const stories: Record<string, Story> = {
  'after helm had installed goes on to test': {
    spec: { test: tested },
    rests: 'Succeeded',
    ...{ killedAt: 'Installing', helmAt: 'Deployed' },
    phases: ['Deployed', 'Testing', 'Tested', 'Succeeded'],
    history: ['1 deployed'],
  },
  'after helm had upgraded goes on to wait and to test': {
    spec: { wait: true, test: tested },
    edit: { wait: true, test: tested, values: { a: 2 } },
    rests: 'Succeeded',
    ...{ killedAt: 'Upgrading', helmAt: 'Deployed' },
    phases: ['Deployed', 'Testing', 'Tested', 'Succeeded'],
    history: ['2 deployed', '1 superseded'],
  },
  'after helm had upgraded goes on to what is wanted by now': {
    spec: {},
    edit: { values: { a: 2 } },
    meanwhile: { values: { a: 3 } },
    rests: 'Succeeded',
    ...{ killedAt: 'Upgrading', helmAt: 'Deployed' },
    phases: ['Deployed', 'Upgrading', 'Deployed', 'Succeeded'],
    history: ['3 deployed', '2 superseded', '1 superseded'],
  },
  'after helm had failed rolls back and goes on to what is wanted by now': {
    spec: { rollback },
    edit: breaking,
    meanwhile: { rollback, values: { a: 3 } },
    rests: 'RolledBack',
    ...{ killedAt: 'Upgrading', helmAt: 'DeployFailed' },
    phases: [
      ...['DeployFailed', 'RollingBack', 'RolledBack'],
      ...['Upgrading', 'Deployed', 'Succeeded'],
    ],
    history: ['4 deployed', '3 superseded', '2 failed', '1 superseded'],
  },
  'after helm had rolled back goes on to what is wanted by now': {
    spec: { rollback },
    edit: breaking,
    meanwhile: { rollback, values: { a: 3 } },
    rests: 'RolledBack',
    ...{ killedAt: 'RollingBack', helmAt: 'RolledBack' },
    phases: ['RolledBack', 'Upgrading', 'Deployed', 'Succeeded'],
    history: ['4 deployed', '3 superseded', '2 failed', '1 superseded'],
  },
  'after a first install had failed purges it and installs what is wanted by now': {
    spec: { values: { break: 1 } },
    meanwhile: { values: { a: 3 } },
    rests: 'DeployFailed',
    ...{ killedAt: 'Installing', helmAt: 'DeployFailed' },
    phases: ['DeployFailed', 'Installing', 'Deployed', 'Succeeded'],
    history: ['1 deployed'],
  },
  'after it had said that helm is done says the rest': {
    spec: {},
    rests: 'Succeeded',
    ...{ killedAt: 'Deployed', helmAt: 'Deployed' },
    phases: ['Succeeded'],
    history: ['1 deployed'],
  },
  'before helm had begun to upgrade upgrades': {
    spec: {},
    edit: { timeout: 200 },
    rests: 'Succeeded',
    ...{ killedAt: 'Upgrading', helmAt: 'Upgrading' },
    phases: ['Deployed', 'Succeeded'],
    history: ['2 deployed', '1 superseded'],
  },
  'after helm had failed rolls back': {
    spec: { rollback },
    edit: breaking,
    rests: 'RolledBack',
    ...{ killedAt: 'Upgrading', helmAt: 'DeployFailed' },
    phases: ['DeployFailed', 'RollingBack', 'RolledBack'],
    history: ['3 deployed', '2 failed', '1 superseded'],
  },
  'before helm had begun to roll back rolls back': {
    spec: { rollback },
    edit: breaking,
    rests: 'RolledBack',
    ...{ killedAt: 'RollingBack', helmAt: 'RollingBack' },
    phases: ['RolledBack'],
    history: ['3 deployed', '2 failed', '1 superseded'],
  },
  'after helm had rolled back leaves it at that': {
    spec: { rollback },
    edit: breaking,
    rests: 'RolledBack',
    ...{ killedAt: 'RollingBack', helmAt: 'RolledBack' },
    phases: ['RolledBack'],
    history: ['3 deployed', '2 failed', '1 superseded'],
  },
  'after a failed test rolls back': {
    spec: { rollback, test: tested },
    edit: { rollback, test: tested, values: { breakTest: 1 } },
    rests: 'RolledBack',
    ...{ killedAt: 'TestFailed', helmAt: 'TestFailed' },
    phases: ['RollingBack', 'RolledBack'],
    history: ['3 deployed', '2 superseded', '1 superseded'],
  },
  'after a failed first install purges it': {
    spec: { values: { break: 1 } },
    rests: 'DeployFailed',
    ...{ killedAt: 'DeployFailed', helmAt: 'DeployFailed' },
    phases: [],
    history: [],
  },
}

type Moment = { status: unknown; secrets: Obj[] }

// What there was at the moment a phase was first shown, since the last edit.
function watchMoments({ operator, namespace }: Scene): {
  at(phase: string): Moment
  reset(): void
} {
  const moments = new Map<string, Moment>()
  const { api } = operator
  api.subscribe(({ definition, object }) => {
    if (definition.plural !== 'helmreleases' || object.metadata.namespace !== namespace) return
    const { status } = object
    const { phase } = (status ?? {}) as { phase?: string }
    if (phase === undefined || moments.has(phase)) return
    moments.set(phase, { status: structuredClone(status), secrets: revisions(api, namespace) })
  })
  return {
    at: (phase) => {
      const found = moments.get(phase)
      if (found === undefined) throw new Error(`${phase} was never shown`)
      return found
    },
    reset: () => moments.clear(),
  }
}

function revisions(api: SandboxApi, namespace: string): Obj[] {
  return api.list('secrets', namespace).filter(({ metadata }) => metadata.labels?.owner === 'helm')
}

// What was deleted comes back with another uid, and is known by that then.
function restore({ operator: { api }, namespace }: Scene, status: unknown, secrets: Obj[]): void {
  let said = JSON.stringify(status)
  for (const { metadata } of revisions(api, namespace))
    if (secrets.every((one) => one.metadata.name !== metadata.name))
      api.delete('secrets', namespace, metadata.name)
  for (const { metadata, ...rest } of secrets) {
    const { name, labels = {}, uid = '' } = metadata
    const now = api.get('secrets', namespace, name)
    const written = { ...rest, metadata: { ...(now?.metadata ?? { name, namespace }), labels } }
    const { metadata: after } = now
      ? api.update('secrets', written)
      : api.create('secrets', written)
    said = said.replaceAll(uid, after.uid ?? '')
  }
  const object = api.get(kind, namespace, 'web')!
  api.update(kind, { ...object, status: JSON.parse(said) as unknown }, 'status')
}

async function play(): Promise<Map<string, { phases: string[]; history: string[] }>> {
  return await withStage([], async (open) => {
    const scenes = await Promise.all(
      Object.entries(stories).map(async ([title, { spec, edit, rests }]) => {
        const scene = await open()
        const moments = watchMoments(scene)
        await scene.write(spec)
        await scene.rests(edit === undefined ? rests : 'Succeeded')
        if (edit !== undefined) {
          moments.reset()
          await scene.write(edit)
          await scene.rests(rests)
        }
        return { title, scene, moments }
      }),
    )
    const { operator } = scenes[0]!.scene
    await operator.stop()
    for (const { title, scene, moments } of scenes) {
      const { killedAt, helmAt } = stories[title]!
      restore(scene, moments.at(killedAt).status, moments.at(helmAt).secrets)
      const { meanwhile } = stories[title]!
      if (meanwhile !== undefined) await scene.write(meanwhile)
      scene.next()
    }
    operator.start()
    return new Map(
      await Promise.all(
        scenes.map(async ({ title, scene }) => {
          const { rests, history, meanwhile } = stories[title]!
          await scene.rests(meanwhile ? 'Succeeded' : rests).catch(() => undefined)
          const isThere = (): boolean => scene.history().join() === history.join()
          await until('the history is as expected', isThere).catch(() => undefined)
          return [title, { phases: scene.phases(), history: scene.history() }] as const
        }),
      ),
    )
  })
}

let played: ReturnType<typeof play> | undefined
for (const [title, { phases, history }] of Object.entries(stories))
  test(title, async () => {
    const told = (await (played ??= play())).get(title)!
    assert.equal(told, { phases, history })
  })

test.run()
