import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeRecord, encodeRecord } from '../../lib/helm/storage.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { ResourceType } from '../../lib/model/ports.ts'
import { configMap, writeChart } from '../helpers/chart.ts'
import { withHelm, type HelmBench } from '../helpers/helm.ts'
import { until } from '../helpers/until.ts'

const test = suite('createStorage()')

const secrets: ResourceType = { group: '', version: 'v1', plural: 'secrets', namespaced: true }

/** A Secret as helm writes it for one revision of "web". */
function revision(
  namespace: string,
  version: number,
  status: string,
  content?: string,
): KubeObject {
  const info = { status, description: `${version} is ${status}` }
  const chart = { metadata: { name: 'web', version: '1.0.0' } }
  const json = JSON.stringify({ name: 'web', info, chart, version, namespace })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: `sh.helm.release.v1.web.v${version}`,
      namespace,
      labels: { owner: 'helm', name: 'web', status, version: String(version) },
    },
    data: { release: content ?? encodeRecord(json) },
  }
}

const storing =
  ({ cluster, namespace }: HelmBench) =>
  async (...revisions: [number, string, string?][]): Promise<void> => {
    for (const one of revisions) await cluster.create(secrets, revision(namespace, ...one))
  }

/** The verbs of the requests that an action makes. */
async function verbsOf({ requests }: HelmBench, action: () => Promise<unknown>): Promise<string[]> {
  const before = requests.length
  await action()
  return requests.slice(before)
}

test('history() answers newest first, by number and not by name', () =>
  withHelm(4, async (bench) => {
    await storing(bench)([9, 'superseded'], [10, 'deployed'], [8, 'failed'])
    const history = await bench.storage.history(bench.namespace, 'web')
    assert.equal(
      history.map(({ revision, status }) => `${revision} ${status}`),
      ['10 deployed', '9 superseded', '8 failed'],
    )
    assert.is(history[0]?.description, '10 is deployed')
    assert.not.ok('chart' in history[1]!)
  }))

test('history() reads the content of a revision once, and again only when it has changed', () =>
  withHelm(4, async (bench) => {
    const { storage, namespace } = bench
    const history = () => storage.history(namespace, 'web')
    await storing(bench)([1, 'superseded'], [2, 'deployed'])
    assert.equal(await verbsOf(bench, history), ['list', 'get'])
    assert.equal(await verbsOf(bench, history), ['list'])
    await storing(bench)([3, 'deployed'])
    assert.equal(await verbsOf(bench, history), ['list', 'get'])
    const [newest] = await history()
    await storage.mark(newest!, 'failed', 'no')
    assert.equal(await verbsOf(bench, history), ['list'])
    assert.is((await history())[0]?.description, 'no')
  }))

test('open() reads an older revision, and history() keeps it open', () =>
  withHelm(4, async ({ storage, namespace, ...bench }) => {
    await storing({ storage, namespace, ...bench })([1, 'failed'], [2, 'deployed'])
    const [, older] = await storage.history(namespace, 'web')
    assert.is((await storage.open(older!))?.description, '1 is failed')
    const [, again] = await storage.history(namespace, 'web')
    assert.ok(again && 'chart' in again)
  }))

test('open() says when a revision has gone', () =>
  withHelm(4, async (bench) => {
    await storing(bench)([1, 'superseded'], [2, 'deployed'])
    const [, older] = await bench.storage.history(bench.namespace, 'web')
    await bench.cluster.remove(secrets, { name: older!.secret.name, namespace: bench.namespace })
    assert.is(await bench.storage.open(older!), undefined)
  }))

test('history() asks nothing while a watch would have told, unless it must be fresh', () =>
  withHelm(4, async (bench) => {
    const { storage, namespace } = bench
    await storing(bench)([1, 'deployed'])
    const abort = new AbortController()
    const told: string[] = []
    const watching = storage.watch({
      onChange: (_, name) => told.push(name),
      signal: abort.signal,
    })
    await until('the watch has begun', () => told.length > 0)
    // The first answer after the watch has begun is the last one that costs a request.
    await until('nothing is asked', async () => {
      const asked = await verbsOf(bench, () => storage.history(namespace, 'web'))
      return asked.length === 0
    })
    assert.equal(await verbsOf(bench, () => storage.history(namespace, 'web', { fresh: true })), [
      'list',
    ])
    await storing(bench)([2, 'deployed'])
    await until('the change is told', () => told.length > 1)
    assert.is((await storage.history(namespace, 'web'))[0]?.revision, 2)
    abort.abort()
    await watching.catch(() => undefined)
    assert.equal(await verbsOf(bench, () => storage.history(namespace, 'web')), ['list'])
  }))

test('a revision that the watch tells has gone is kept in memory no longer', () =>
  withHelm(4, async (bench) => {
    const { cluster, storage, namespace } = bench
    await storing(bench)([1, 'superseded'], [2, 'deployed'])
    const [newest] = await storage.history(namespace, 'web')
    const abort = new AbortController()
    let changes = 0
    const watching = storage.watch({ onChange: () => changes++, signal: abort.signal })
    await until('the watch has begun', () => changes === 2)
    assert.ok(await storage.open(newest!))
    await cluster.remove(secrets, { name: newest!.secret.name, namespace })
    await until('the change is told', () => changes === 3)
    assert.is(await storage.open(newest!), undefined)
    abort.abort()
    await watching.catch(() => undefined)
  }))

test('history() is empty without a release, and for names that cannot be without asking', () =>
  withHelm(4, async (bench) => {
    const { storage, namespace } = bench
    assert.equal(await storage.history(namespace, 'web'), [])
    const asked = await verbsOf(bench, () => storage.history(namespace, 'web,owner!=helm'))
    assert.equal(asked, [])
  }))

test('a damaged newest revision has a sentence, a damaged older one disturbs nobody', () =>
  withHelm(4, async (bench) => {
    const { storage, namespace } = bench
    await storing(bench)([1, 'superseded', 'AAAA'], [2, 'deployed'])
    assert.is((await storage.history(namespace, 'web')).length, 2)
    await storing(bench)([3, 'deployed', encodeRecord('{"info"').slice(0, 40)])
    const error = await storage.history(namespace, 'web').catch((reason: unknown) => reason)
    assert.ok(error instanceof ReconcileError && error.code === 'ReleaseUnreadable')
    assert.match(error.message, 'sh.helm.release.v1.web.v3')
  }))

test('mark() leaves in labels and content what helm would have left', () =>
  withHelm(4, async (bench) => {
    const { storage, cluster, namespace } = bench
    await storing(bench)([1, 'deployed'])
    const [newest] = await storage.history(namespace, 'web')
    const marked = await storage.mark(newest!, 'failed', 'Not ready')
    assert.equal([marked.status, marked.description], ['failed', 'Not ready'])
    const secret = await cluster.get(secrets, newest!.secret.name, namespace)
    const { modifiedAt, ...labels } = secret!.metadata.labels!
    assert.equal(labels, { owner: 'helm', name: 'web', status: 'failed', version: '1' })
    assert.ok(Math.abs(Number(modifiedAt) - Date.now() / 1_000) < 60)
    assert.match(decodeRecord(secret!), '"status":"failed"')
    assert.is(marked.secret.resourceVersion, secret!.metadata.resourceVersion)
  }))

test('watch() tells at once of what people do with helm, until it is told to stop', () =>
  withHelm(4, async (bench) => {
    const { storage, namespace, helm, directory } = bench
    const stop = new AbortController()
    const told: string[] = []
    const onChange = (where: string, name: string): void => void told.push(`${where}/${name}`)
    const watching = storage.watch({ namespace, onChange, signal: stop.signal })
    const tells = async (action: () => Promise<unknown>): Promise<void> => {
      told.length = 0
      await action()
      await until('the watch tells', () => told.includes(`${namespace}/web`), 2_000)
    }
    const { path } = await writeChart(`${directory}/chart`, { 'templates/a.yaml': configMap })
    await tells(() => helm(4, 'install', 'web', path))
    await tells(() => helm(3, 'upgrade', 'web', path))
    await tells(() => helm(4, 'rollback', 'web', '1'))
    await tells(() => helm(4, 'uninstall', 'web'))
    stop.abort()
    await watching
    assert.equal([...new Set(told)], [`${namespace}/web`])
  }))

test.run()
