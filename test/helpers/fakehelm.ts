// Stands in for the processes of helm, and for nothing else: it writes the Secrets and objects that helm writes, step by step, so
// that it can be stopped or killed between any two of them. It notes who has written what, which the operator never sees.
import { decodeRecord, encodeRecord } from '../../lib/helm/storage.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { JsonObject, KubeObject } from '../../lib/model/json.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import type { Obj, SandboxApi } from '../../lib/sandbox/types.ts'

export type Place = { namespace: string; releaseName: string }
// One revision that is stored now. by: name of the HelmRelease, or "hand".
export type Written = { revision: number; by: string; isGood: boolean }
// What a HelmRelease has helm do, before it is done.
export type Doing = {
  by: string
  what: 'write' | 'uninstall'
  place: Place
  stored: readonly Written[]
}

export type FakeHelm = {
  // gate: passed before each step; never resolves once the operator that started this helm is killed.
  driverFor(desired: HelmRelease, gate: () => Promise<void>): HelmDriver
  // What a person does with helm, at once.
  byHand: {
    upgrade(place: Place): void
    uninstall(place: Place): void
  }
  stored(place: Place): Written[]
  places(): Place[]
}

type Values = { mode?: 'refuse' | 'fail'; bare?: boolean } & JsonObject
type Author = { revision: number; by: string; config: Values; isGood: boolean }
type Change = {
  place: Place
  by: string
  config: Values
  description: string
  pending: string
  // A rollback to what others wrote is no success of its author.
  isOwn?: boolean
}

const time = (): string => new Date().toISOString()

/** onDoing is called before a HelmRelease's helm changes anything; survives tells whether a helm outlives its operator. */
export function createFakeHelm(
  api: SandboxApi,
  onDoing: (doing: Doing) => void,
  survives: () => boolean,
): FakeHelm {
  // By the uid of the Secret.
  const authors = new Map<string, Author>()
  const secretsOf = ({ namespace, releaseName }: Place): Obj[] =>
    api
      .list('secrets', namespace)
      .filter(({ metadata: { labels } }) => labels?.owner === 'helm' && labels.name === releaseName)
      .sort((a, b) => Number(b.metadata.labels!.version) - Number(a.metadata.labels!.version))
  const stored = (place: Place): Written[] =>
    secretsOf(place).map(({ metadata }) => authors.get(metadata.uid ?? '')!)
  const mark = (secret: Obj, status: string, description: string): void =>
    void api.update('secrets', withStatus(secret, status, description))
  const steps = async function* (change: Change, fail: string | undefined): AsyncGenerator<void> {
    const { place, by, config, description } = change
    const before = secretsOf(place)
    const [newest] = before
    if (newest?.metadata.labels!.status?.startsWith('pending-'))
      throw new ReconcileError('ReleaseLocked', 'another helm is at work')
    const revision = 1 + Number(newest?.metadata.labels!.version ?? 0)
    const made = api.create('secrets', secretOf(place, { ...change, revision }))
    const author = { revision, by, config, isGood: false }
    authors.set(made.metadata.uid ?? '', author)
    yield
    if (config.bare !== true) applyObject(api, place, config)
    yield
    const now = secretsOf(place).find(({ metadata }) => metadata.uid === made.metadata.uid)
    if (now === undefined) return
    if (fail !== undefined) return mark(now, 'failed', fail)
    for (const old of before)
      if (old.metadata.labels!.status === 'deployed') mark(fresh(old), 'superseded', 'old')
    mark(now, 'deployed', description)
    author.isGood = change.isOwn ?? true
  }
  const fresh = (secret: Obj): Obj =>
    api.get('secrets', secret.metadata.namespace, secret.metadata.name) ?? secret
  const removal = async function* (place: Place): AsyncGenerator<void> {
    for (const secret of secretsOf(place)) {
      api.delete('secrets', place.namespace, secret.metadata.name)
      yield
    }
    if (api.get('configmaps', place.namespace, place.releaseName))
      api.delete('configmaps', place.namespace, place.releaseName)
  }
  return {
    stored,
    places: () => placesOf(api),
    byHand: {
      upgrade: (place) => {
        const change = { place, by: 'hand', config: {}, description: 'by hand', pending: 'install' }
        drain(steps(change, undefined)).catch(() => 'another helm is at work')
      },
      uninstall: (place) => void drain(removal(place)),
    },
    driverFor: (desired, gate) =>
      driverOf(desired, {
        run: (work, signal) => walk(work, { gate, signal, survives }),
        ...{ stored, steps, removal, onDoing, secretsOf },
        authorOf: (uid) => authors.get(uid),
      }),
  }
}

type Engine = {
  run: (work: AsyncGenerator<void>, signal: AbortSignal) => Promise<void>
  stored: (place: Place) => Written[]
  secretsOf: (place: Place) => Obj[]
  steps: (change: Change, fail: string | undefined) => AsyncGenerator<void>
  removal: (place: Place) => AsyncGenerator<void>
  onDoing: (doing: Doing) => void
  authorOf: (uid: string) => Author | undefined
}

function driverOf({ key, owner: _ }: HelmRelease, engine: Engine): HelmDriver {
  const by = key.name
  const write = async (
    release: HelmRelease,
    change: Omit<Change, 'place' | 'by'>,
    signal: AbortSignal,
  ): Promise<void> => {
    const place = { namespace: release.targetNamespace, releaseName: release.releaseName }
    engine.onDoing({ by, what: 'write', place, stored: engine.stored(place) })
    if (change.config.mode === 'refuse')
      throw new ReconcileError('RenderFailed', 'Cannot render the chart')
    const fail = change.config.mode === 'fail' ? 'its hook failed' : undefined
    await engine.run(engine.steps({ ...change, place, by }, fail), signal)
    if (fail !== undefined) throw new ReconcileError('UpgradeFailed', `Cannot upgrade: ${fail}`)
  }
  const change = (values: JsonObject, pending: string) => ({
    ...{ config: values as Values, pending },
    description: pending === 'install' ? 'Install complete' : 'Upgrade complete',
  })
  const unused = (): never => {
    throw new Error('no test asks for this')
  }
  return {
    ...{
      version: '4.0.0',
      major: 4,
      test: unused,
      pull: unused,
      updateDependencies: unused,
      render: unused,
    },
    install: ({ release, values, signal }) => write(release, change(values, 'install'), signal),
    upgrade: ({ release, values, signal }) => write(release, change(values, 'upgrade'), signal),
    rollback: ({ release, revision, signal }) => {
      const place = { namespace: release.targetNamespace, releaseName: release.releaseName }
      const version = String(revision)
      const to = engine
        .secretsOf(place)
        .find(({ metadata }) => metadata.labels?.version === version)
      const author = engine.authorOf(to?.metadata.uid ?? '')
      const { mode: _mode, ...config } = author?.config ?? {}
      const description = `Rollback to ${revision}`
      const isOwn = author?.by === by && author.isGood
      return write(release, { config, description, pending: 'rollback', isOwn }, signal)
    },
    uninstall: async ({ releaseName, targetNamespace, signal }) => {
      const place = { namespace: targetNamespace, releaseName }
      engine.onDoing({ by, what: 'uninstall', place, stored: engine.stored(place) })
      await engine.run(engine.removal(place), signal)
    },
  }
}

// One step after the other. Told to stop, helm goes on to its end here, as it does when it hears of it too late.
async function walk(
  work: AsyncGenerator<void>,
  {
    gate,
    signal,
    survives,
  }: { gate: () => Promise<void>; signal: AbortSignal; survives: () => boolean },
): Promise<void> {
  const isOrphanable = survives()
  for (;;) {
    const passed = gate()
    // The process of a helm whose operator was killed lives on, or not.
    if (isOrphanable) await new Promise((resolve) => setImmediate(resolve))
    else await passed
    if (signal.aborted) throw new ReconcileError('Interrupted', 'helm was told to stop')
    if ((await work.next()).done === true) break
  }
  await gate()
}

async function drain(work: AsyncGenerator<void>): Promise<void> {
  while ((await work.next()).done !== true) continue
}

function placesOf(api: SandboxApi): Place[] {
  const places = new Map<string, Place>()
  for (const { metadata } of api.list('secrets')) {
    const { owner, name: releaseName = '' } = metadata.labels ?? {}
    const namespace = metadata.namespace ?? ''
    if (owner === 'helm') places.set(`${namespace}/${releaseName}`, { namespace, releaseName })
  }
  return [...places.values()]
}

function applyObject(api: SandboxApi, { namespace, releaseName }: Place, config: Values): void {
  const data = { config: JSON.stringify(config) }
  const live = api.get('configmaps', namespace, releaseName)
  if (live) api.update('configmaps', { ...live, data })
  else
    api.create('configmaps', {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', data },
      metadata: { name: releaseName, namespace },
    })
}

function secretOf(
  { namespace, releaseName }: Place,
  { revision, config, pending }: Change & { revision: number },
): Obj {
  const status = `pending-${pending}`
  const object = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${releaseName}\n`
  const record = {
    ...{ name: releaseName, namespace, version: revision, config },
    manifest: config.bare === true ? '' : `---\n${object}`,
    info: { first_deployed: time(), last_deployed: time(), description: 'begun', status },
    chart: { metadata: { name: 'web', version: '1.0.0' }, templates: [], values: {} },
  }
  return {
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1' },
    metadata: {
      ...{ namespace, name: `sh.helm.release.v1.${releaseName}.v${revision}` },
      labels: { owner: 'helm', name: releaseName, version: String(revision), status },
    },
    data: { release: encodeRecord(JSON.stringify(record)) },
  } as unknown as Obj
}

function withStatus(secret: Obj, status: string, description: string): Obj {
  const { metadata } = secret
  const record = JSON.parse(decodeRecord(secret as unknown as KubeObject)) as { info: object }
  record.info = { ...record.info, status, description }
  return {
    ...secret,
    metadata: { ...metadata, labels: { ...metadata.labels, status } },
    data: { release: encodeRecord(JSON.stringify(record)) },
  } as unknown as Obj
}
