import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Access } from '../../lib/loop/deps.ts'
import { StorageWatches } from '../../lib/loop/storage-watches.ts'
import { ApiError } from '../../lib/model/errors.ts'
import { formatIdentity, type Identity } from '../../lib/model/identity.ts'
import type { Storage } from '../../lib/model/ports.ts'
import { fakeClock } from '../helpers/clock.ts'
import { recordLog } from '../helpers/log.ts'

const test = suite('StorageWatches')

const shop = { namespace: 'shop', name: 'deployer' }
const shopWatch = 'system:serviceaccount:shop:deployer in shop'
type Watch = Parameters<Storage['watch']>[0]

/** StorageWatches over a storage that notes who watches what, and forbids it to some. */
function setUp({ forbidden = 'nobody' } = {}) {
  const clock = fakeClock(0)
  const { log, messages } = recordLog()
  const open = new Map<string, Watch>()
  let asked = 0
  const watchAs = (identity: Identity) => async (options: Watch) => {
    asked += 1
    const who = formatIdentity(identity)
    if (who === forbidden) throw new ApiError(403, 'Forbidden', 'no')
    const id = `${who || 'operator'} in ${options.namespace ?? 'all'}`
    open.set(id, options)
    await new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve()))
    open.delete(id)
  }
  const changes: string[] = []
  const watches = new StorageWatches({
    ...{ clock, log },
    accessAs: (identity) => ({ storage: { watch: watchAs(identity) } }) as unknown as Access,
    onChange: (namespace, name, keys) =>
      changes.push(`${namespace}/${name} for ${[...keys].join()}`),
  })
  return { watches, open, clock, messages, changes, asked: () => asked }
}

test('one identity and namespace share a watch, which goes with the last HelmRelease', async () => {
  const { watches, open, clock } = setUp()
  watches.follow('a', { identity: shop, namespace: 'shop' })
  watches.follow('b', { identity: shop, namespace: 'shop' })
  watches.follow('c', { identity: undefined })
  assert.equal([...open.keys()], [shopWatch, 'operator in all'])
  watches.forget('a')
  watches.forget('c')
  await clock.advance(0)
  assert.equal([...open.keys()], [shopWatch])
  watches.forget('b')
  await clock.advance(0)
  assert.is(watches.size, 0)
  assert.is(open.size, 0)
})

test('what one service account is told of wakes its own HelmReleases only', async () => {
  const { watches, open, changes } = setUp()
  watches.follow('a', { identity: shop, namespace: 'shop' })
  watches.follow('b', { identity: undefined })
  open.get(shopWatch)!.onChange('shop', 'web')
  assert.equal(changes, ['shop/web for a'])
})

test('a HelmRelease that changes its service account is watched for as the new one only', async () => {
  const { watches, open, clock } = setUp()
  watches.follow('a', { identity: undefined })
  watches.follow('a', { identity: shop, namespace: 'shop' })
  await clock.advance(0)
  assert.equal([...open.keys()], [shopWatch])
})

test('a service account that may not watch is asked for again after minutes, and said once', async () => {
  const { watches, messages, clock, asked } = setUp({
    forbidden: 'system:serviceaccount:shop:deployer',
  })
  watches.follow('a', { identity: shop, namespace: 'shop' })
  await clock.advance(0)
  await clock.advance(299_000)
  assert.is(asked(), 1)
  await clock.advance(2_000)
  assert.is(asked(), 2)
  assert.is(messages.length, 1)
  watches.close()
})

test.run()
