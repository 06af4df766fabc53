// Contract: watches: from where they start, what they tell, how they end.
import * as assert from 'uvu/assert'
import { at, collect, configMap, textAt, type Case, type Scope } from '../scope.ts'
import type { WatchEvent } from '../client.ts'

const initialEnd = 'k8s.io/initial-events-end'

function summary({ type, object }: WatchEvent): string {
  return `${type} ${textAt(object, 'metadata/name')}`
}

function isDone(name: string): (event: WatchEvent) => boolean {
  return (event) => summary(event) === `ADDED ${name}`
}

// Config maps of the test, without the certificate that every namespace gets.
function mine({ path }: Scope): string {
  return `${path('configmaps')}?labelSelector=mine`
}

function labelled(name: string, more: object = {}): object {
  return configMap(name, { metadata: { name, labels: { mine: 'yes', ...more } } })
}

export const watchCases: Case[] = [
  {
    title: 'a watch from the version of a list tells every change since, once and in order',
    async run(scope) {
      const { client, path, get, post, patch, remove } = scope
      await post(path('configmaps'), labelled('before'))
      const list = await get(mine(scope))
      const version = textAt(list, 'metadata/resourceVersion')
      await post(path('configmaps'), labelled('a'))
      await patch(path('configmaps', 'a'), 'merge', { data: { x: '1' } })
      await remove(path('configmaps', 'a'))
      await post(path('configmaps'), labelled('end'))
      const events = await collect(
        client.watch(`${mine(scope)}&watch=1&resourceVersion=${version}`),
        isDone('end'),
      )
      assert.equal(events.map(summary), ['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED end'])
      const versions = events.map(({ object }) => Number(at(object, 'metadata/resourceVersion')))
      assert.equal(
        versions,
        [...versions].sort((a, b) => a - b),
      )
      assert.is(new Set(versions).size, 4)
      assert.is(at(events[0]?.object, 'kind'), 'ConfigMap')
    },
  },
  {
    title: 'a watch without a version tells first what there is, then what happens',
    async run(scope) {
      const { client, path, post } = scope
      await post(path('configmaps'), labelled('a'))
      const watch = client.watch(`${mine(scope)}&watch=true`)
      const first = await watch.next()
      assert.is(first.done ? '' : summary(first.value), 'ADDED a')
      await post(path('configmaps'), labelled('end'))
      assert.equal((await collect(watch, isDone('end'))).map(summary), ['ADDED end'])
    },
  },
  {
    title: 'an object that leaves the selection is DELETED, one that comes into it is ADDED',
    async run(scope) {
      const { client, path, get, post, patch } = scope
      const selected = `${path('configmaps')}?labelSelector=colour%3Dred`
      const version = textAt(await get(selected), 'metadata/resourceVersion')
      await post(path('configmaps'), labelled('a', { colour: 'red' }))
      await patch(path('configmaps', 'a'), 'merge', { metadata: { labels: { colour: 'blue' } } })
      await patch(path('configmaps', 'a'), 'merge', { data: { x: '1' } })
      await patch(path('configmaps', 'a'), 'merge', { metadata: { labels: { colour: 'red' } } })
      await post(path('configmaps'), labelled('end', { colour: 'red' }))
      const events = await collect(
        client.watch(`${selected}&watch=1&resourceVersion=${version}`),
        isDone('end'),
      )
      assert.equal(events.map(summary), ['ADDED a', 'DELETED a', 'ADDED a', 'ADDED end'])
    },
  },
  {
    title: 'a watch of one name tells of that name only',
    async run({ client, path, get, post, patch }) {
      await post(path('configmaps'), configMap('a'))
      await post(path('configmaps'), configMap('b'))
      const one = `${path('configmaps')}?fieldSelector=metadata.name%3Db`
      const version = textAt(await get(one), 'metadata/resourceVersion')
      await patch(path('configmaps', 'a'), 'merge', { data: { x: '1' } })
      await patch(path('configmaps', 'b'), 'merge', { data: { x: '1' } })
      const watch = client.watch(`${one}&watch=1&resourceVersion=${version}`)
      assert.equal((await collect(watch, () => true)).map(summary), ['MODIFIED b'])
    },
  },
  {
    title: 'sendInitialEvents tells what there is and closes it with a bookmark',
    async run(scope) {
      const { client, path, post } = scope
      await post(path('configmaps'), labelled('a'))
      await post(path('configmaps'), labelled('b'))
      const options =
        '&watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
      const events = await collect(
        client.watch(mine(scope) + options),
        ({ type }) => type === 'BOOKMARK',
      )
      assert.equal(events.slice(0, -1).map(summary), ['ADDED a', 'ADDED b'])
      const bookmark = events.at(-1)?.object
      const annotations = at(bookmark, 'metadata/annotations') as Record<string, string>
      assert.is(annotations[initialEnd], 'true')
      assert.is(at(bookmark, 'kind'), 'ConfigMap')
      assert.match(textAt(bookmark, 'metadata/resourceVersion'), /^[1-9]\d*$/)
    },
  },
  {
    title: 'sendInitialEvents without resourceVersionMatch is refused',
    async run(scope) {
      const path = `${mine(scope)}&watch=1&allowWatchBookmarks=true&sendInitialEvents=true`
      const status = await scope.refused(422, 'GET', path)
      assert.match(textAt(status, 'message'), /resourceVersionMatch: Forbidden/)
    },
  },
  {
    title: 'a watch ends by itself when its time is over',
    async run(scope) {
      const events = await collect(
        scope.client.watch(`${mine(scope)}&watch=1&timeoutSeconds=1`),
        () => false,
      )
      assert.equal(events, [])
    },
  },
  {
    title: 'a watch from a version that is forgotten says Gone',
    async run(scope) {
      const { client, path, post, patch } = scope
      await post(path('configmaps'), labelled('a'))
      // The sandbox of the contract remembers 200 changes; a real server does not know version 1 any more.
      for (let n = 0; n < 210; n += 1)
        await patch(path('configmaps', 'a'), 'merge', { data: { n: String(n) } })
      const watch = client.watch(`${mine(scope)}&watch=1&resourceVersion=1`)
      const [event] = await collect(watch, () => true)
      assert.is(event?.type, 'ERROR')
      assert.is(at(event?.object, 'code'), 410)
      assert.is(at(event?.object, 'reason'), 'Expired')
      assert.match(textAt(event?.object, 'message'), /^too old resource version: 1 \(\d+\)$/)
    },
  },
  {
    title: 'a watch of metadata tells metadata',
    async run(scope) {
      const { client, path, post } = scope
      await post(path('configmaps'), labelled('a'))
      const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
      const [event] = await collect(client.watch(`${mine(scope)}&watch=1`, accept), () => true)
      assert.is(at(event?.object, 'kind'), 'PartialObjectMetadata')
      assert.is(at(event?.object, 'metadata/name'), 'a')
      assert.is(at(event?.object, 'data'), undefined)
    },
  },
  {
    title: 'a watch as Table tells rows, the columns with the first of them',
    async run(scope) {
      const { client, path, post } = scope
      await post(path('configmaps'), labelled('a'))
      await post(path('configmaps'), labelled('b'))
      const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1'
      let seen = 0
      const events = await collect(
        client.watch(`${mine(scope)}&watch=1`, accept),
        () => ++seen === 2,
      )
      assert.equal(
        events.map(({ object }) => at(object, 'rows/0/cells/0')),
        ['a', 'b'],
      )
      assert.is(at(events[0]?.object, 'columnDefinitions/0/name'), 'Name')
      assert.equal(at(events[1]?.object, 'columnDefinitions') ?? [], [])
    },
  },
]
