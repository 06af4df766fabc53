import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../lib/edge/clock.ts'
import { createStorages } from '../../lib/edge/storage.ts'
import { encodeRecord } from '../../lib/helm/storage.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { configMap, configMaps, secrets } from '../helpers/cluster.ts'
import { trustAccounts, withFront, type Front } from '../helpers/front.ts'
import { until } from '../helpers/until.ts'
import { testParser } from '../helpers/parser.ts'

const test = suite('Cluster.as()')

const shop = { namespace: 'default', name: 'shop' }
const other = { namespace: 'default', name: 'other' }
const asShop = 'as system:serviceaccount:default:shop'

/** Those of the requests that name no user, and those of a user. */
function countOf({ identified }: Front, user: string): number {
  return identified.filter((request) => request.endsWith(user)).length
}

const record: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'helm.sh/release.v1',
  metadata: {
    name: 'sh.helm.release.v1.web.v1',
    namespace: 'default',
    labels: { owner: 'helm', name: 'web', status: 'deployed', version: '1' },
  },
  data: {
    release: encodeRecord(
      JSON.stringify({
        name: 'web',
        info: { status: 'deployed' },
        chart: { metadata: { name: 'web', version: '1.0.0' } },
        version: 1,
        namespace: 'default',
      }),
    ),
  },
}

test('reads, writes and watches as the service account, and as nobody else', () =>
  withFront(async (front) => {
    await trustAccounts(front.cluster)
    front.identified.length = 0
    const cluster = front.cluster.as(shop)
    const abort = new AbortController()
    const object = await cluster.create(configMaps, configMap('default', 'web'))
    await cluster.get(configMaps, 'web', 'default')
    await cluster.list(configMaps, { namespace: 'default' })
    await cluster.update(configMaps, { ...object, data: { a: '2' } })
    const ref = { name: 'web', namespace: 'default' }
    await cluster.patch(configMaps, ref, { type: 'merge', body: { data: { a: '3' } } })
    const watching = (async () => {
      for await (const _ of cluster.watch(configMaps, { ...ref, signal: abort.signal }))
        abort.abort()
    })()
    await watching
    await cluster.remove(configMaps, ref)
    assert.equal(
      front.identified.filter((request) => !request.endsWith(asShop)),
      [],
    )
    assert.ok(countOf(front, asShop) >= 7)
  }))

test('leaves the identity of the cluster it was taken from alone', () =>
  withFront(async (front) => {
    await trustAccounts(front.cluster)
    front.identified.length = 0
    const cluster = front.cluster.as(shop)
    await cluster.as(other).get(configMaps, 'web', 'default')
    await cluster.as(undefined).get(configMaps, 'web', 'default')
    await front.cluster.get(configMaps, 'web', 'default')
    assert.equal(
      front.identified.map((request) => request.replace(/^.* as /, '')),
      [
        'system:serviceaccount:default:other',
        ...Array.from({ length: 2 }, () => 'GET /api/v1/namespaces/default/configmaps/web'),
      ],
    )
  }))

test("Helm's storage hands nothing that one identity has read to another", () =>
  withFront(async (front) => {
    await trustAccounts(front.cluster)
    await front.cluster.create(secrets, record)
    const storageAs = createStorages({
      cluster: front.cluster,
      clock: systemClock(),
      parser: testParser(),
    })
    const abort = new AbortController()
    let told = 0
    const watching = storageAs(shop).watch({
      namespace: 'default',
      onChange: () => void (told += 1),
      signal: abort.signal,
    })
    await until('the watch has told', () => told > 0)
    const history = (identity: typeof shop | undefined) =>
      storageAs(identity).history('default', 'web')
    assert.is((await history(shop)).length, 1)
    const before = front.identified.length
    // What its own watch would have told is not read again.
    await history(shop)
    assert.is(front.identified.length, before)
    front.forbid(/other|secrets$/)
    const refused = await history(other).catch((error: unknown) => error)
    assert.is((refused as { status?: number }).status, 403)
    front.forbid()
    await history(other)
    await history(undefined)
    const reads = front.identified.slice(before + 1).map((request) => request.replace(/\?\S*/, ''))
    const list = 'GET /api/v1/namespaces/default/secrets'
    const get = `${list}/sh.helm.release.v1.web.v1`
    const asOther = 'as system:serviceaccount:default:other'
    assert.equal(reads, [`${list} ${asOther}`, `${get} ${asOther}`, list, get])
    abort.abort()
    await watching
  }))

test.run()
