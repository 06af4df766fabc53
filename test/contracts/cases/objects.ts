// Contract: creating, reading, replacing and deleting objects, and what is said when that is not possible.
import * as assert from 'uvu/assert'
import { at, configMap, textAt, type Case } from '../scope.ts'

export const objectCases: Case[] = [
  {
    title: 'POST gives an object its identity, GET and list show it, DELETE takes it away',
    async run({ path, get, post, remove, refused, namespace }) {
      const made = await post(path('configmaps'), configMap('a', { data: { x: '1' } }))
      assert.is(at(made, 'metadata/namespace'), namespace)
      assert.match(textAt(made, 'metadata/uid'), /^[0-9a-f-]{36}$/)
      assert.match(textAt(made, 'metadata/resourceVersion'), /^\d+$/)
      assert.match(textAt(made, 'metadata/creationTimestamp'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.equal(await get(path('configmaps', 'a')), made)
      const list = await get(path('configmaps'))
      assert.is(at(list, 'kind'), 'ConfigMapList')
      assert.is(at(list, 'apiVersion'), 'v1')
      const gone = await remove(path('configmaps', 'a'))
      assert.equal(gone, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'a', kind: 'configmaps', uid: at(made, 'metadata/uid') },
      })
      await refused(404, 'GET', path('configmaps', 'a'))
    },
  },
  {
    title: 'items of a list carry no kind, the list does',
    async run({ path, get, post }) {
      await post(path('secrets'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } })
      const list = await get(path('secrets'))
      assert.is(at(list, 'items/0/metadata/name'), 'a')
      assert.is(at(list, 'items/0/kind'), undefined)
    },
  },
  {
    title: 'GET of what does not exist answers NotFound with details',
    async run({ path, refused }) {
      assert.equal(await refused(404, 'GET', path('deployments', 'nope', 'apps/v1')), {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'deployments.apps "nope" not found',
        reason: 'NotFound',
        details: { name: 'nope', group: 'apps', kind: 'deployments' },
        code: 404,
      })
    },
  },
  {
    title: 'POST of a name that exists answers AlreadyExists',
    async run({ path, post, refused }) {
      await post(path('configmaps'), configMap('a'))
      const status = await refused(409, 'POST', path('configmaps'), { body: configMap('a') })
      assert.is(at(status, 'reason'), 'AlreadyExists')
      assert.is(at(status, 'message'), 'configmaps "a" already exists')
    },
  },
  {
    title: 'POST into a namespace that does not exist is NotFound',
    async run({ refused }) {
      const path = '/api/v1/namespaces/contract-nowhere/configmaps'
      const status = await refused(404, 'POST', path, { body: configMap('a') })
      assert.is(at(status, 'message'), 'namespaces "contract-nowhere" not found')
    },
  },
  {
    title: 'an object must belong to the namespace and name of its URL',
    async run({ path, post, refused, namespace }) {
      const elsewhere = configMap('a', { metadata: { name: 'a', namespace: 'other' } })
      const status = await refused(400, 'POST', path('configmaps'), { body: elsewhere })
      const message = `the namespace of the provided object does not match the namespace sent on the request`
      assert.is(at(status, 'message'), message)
      await post(path('configmaps'), configMap('a'))
      const renamed = await refused(400, 'PUT', path('configmaps', 'a'), { body: configMap('b') })
      assert.is(
        at(renamed, 'message'),
        'the name of the object (b) does not match the name on the URL (a)',
      )
      assert.ok(namespace)
    },
  },
  {
    title: 'an invalid name is Invalid, with a cause',
    async run({ path, refused }) {
      const status = await refused(422, 'POST', path('configmaps'), { body: configMap('No_Good') })
      assert.is(at(status, 'reason'), 'Invalid')
      assert.match(
        textAt(status, 'message'),
        /^ConfigMap "No_Good" is invalid: metadata\.name: Invalid value: "No_Good": a lowercase RFC 1123 subdomain must consist of/,
      )
      assert.is(at(status, 'details/causes/0/reason'), 'FieldValueInvalid')
      assert.is(at(status, 'details/causes/0/field'), 'metadata.name')
      assert.is(at(status, 'details/kind'), 'ConfigMap')
    },
  },
  {
    title: 'an invalid label is Invalid',
    async run({ path, refused }) {
      const body = configMap('a', { metadata: { name: 'a', labels: { a: 'not good' } } })
      const status = await refused(422, 'POST', path('configmaps'), { body })
      assert.is(at(status, 'details/causes/0/field'), 'metadata.labels')
    },
  },
  {
    title: 'generateName makes names that differ',
    async run({ path, post }) {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'job-' } }
      const names = [await post(path('configmaps'), body), await post(path('configmaps'), body)]
      for (const one of names) assert.match(textAt(one, 'metadata/name'), /^job-[a-z0-9]{5}$/)
      assert.is.not(at(names[0], 'metadata/name'), at(names[1], 'metadata/name'))
      assert.is(at(names[0], 'metadata/generateName'), 'job-')
    },
  },
  {
    title:
      'PUT replaces what is there; with an old resourceVersion it is a Conflict; without any it is not checked',
    async run({ path, get, post, put, refused }) {
      const first = (await post(
        path('configmaps'),
        configMap('a', { data: { x: '1', y: '1' } }),
      )) as object
      const second = await put(path('configmaps', 'a'), { ...first, data: { x: '2' } })
      assert.equal(at(second, 'data'), { x: '2' })
      assert.is.not(at(second, 'metadata/resourceVersion'), at(first, 'metadata/resourceVersion'))
      assert.is(at(second, 'metadata/uid'), at(first, 'metadata/uid'))
      const status = await refused(409, 'PUT', path('configmaps', 'a'), {
        body: { ...first, data: {} },
      })
      assert.is(at(status, 'reason'), 'Conflict')
      assert.is(
        at(status, 'message'),
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      )
      await put(path('configmaps', 'a'), configMap('a', { data: { z: '3' } }))
      assert.equal(at(await get(path('configmaps', 'a')), 'data'), { z: '3' })
    },
  },
  {
    title: 'PUT of what does not exist is NotFound',
    async run({ path, refused }) {
      await refused(404, 'PUT', path('configmaps', 'a'), { body: configMap('a') })
    },
  },
  {
    title: 'a write that changes nothing makes no new version',
    async run({ path, post, put, patch }) {
      const made = await post(path('configmaps'), configMap('a', { data: { x: '1' } }))
      const version = at(made, 'metadata/resourceVersion')
      assert.is(at(await put(path('configmaps', 'a'), made), 'metadata/resourceVersion'), version)
      const patched = await patch(path('configmaps', 'a'), 'merge', { data: { x: '1' } })
      assert.is(at(patched, 'metadata/resourceVersion'), version)
    },
  },
  {
    title: 'uid, creationTimestamp and namespace of an object cannot be changed',
    async run({ path, post, patch, refused }) {
      const made = await post(path('configmaps'), configMap('a'))
      const body = { metadata: { creationTimestamp: '1999-01-01T00:00:00Z' } }
      const patched = await patch(path('configmaps', 'a'), 'merge', body)
      assert.is(at(patched, 'metadata/creationTimestamp'), at(made, 'metadata/creationTimestamp'))
      const other = { metadata: { uid: '11111111-1111-4111-8111-111111111111' } }
      await refused(422, 'PATCH', path('configmaps', 'a'), {
        body: other,
        contentType: 'application/merge-patch+json',
      })
    },
  },
  {
    title: 'dryRun=All answers as if, and keeps nothing',
    async run({ path, get, post, put, patch, remove, refused }) {
      const dry = '?dryRun=All'
      const made = await post(path('configmaps') + dry, configMap('dry'))
      assert.match(textAt(made, 'metadata/uid'), /^[0-9a-f-]{36}$/)
      await refused(404, 'GET', path('configmaps', 'dry'))
      const real = await post(path('configmaps'), configMap('a', { data: { x: '1' } }))
      await put(path('configmaps', 'a') + dry, configMap('a', { data: { x: '2' } }))
      const patched = await patch(path('configmaps', 'a') + dry, 'merge', { data: { x: '3' } })
      assert.equal(at(patched, 'data'), { x: '3' })
      await remove(path('configmaps', 'a') + dry)
      assert.equal(await get(path('configmaps', 'a')), real)
    },
  },
  {
    title: 'an unknown value of dryRun is refused',
    async run({ path, refused }) {
      const status = await refused(422, 'POST', `${path('configmaps')}?dryRun=Some`, {
        body: configMap('a'),
      })
      assert.is(at(status, 'reason'), 'Invalid')
    },
  },
  {
    title: 'DELETE with another uid as precondition is a Conflict',
    async run({ path, get, post, refused }) {
      await post(path('configmaps'), configMap('a'))
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: { uid: '11111111-1111-4111-8111-111111111111' },
      }
      const status = await refused(409, 'DELETE', path('configmaps', 'a'), { body })
      assert.is(at(status, 'reason'), 'Conflict')
      assert.ok(await get(path('configmaps', 'a')))
    },
  },
  {
    title: 'DELETE of a collection takes what the selector selects',
    async run({ path, get, post, remove }) {
      for (const name of ['a', 'b', 'c']) {
        const labels = { keep: String(name === 'c') }
        await post(path('secrets'), {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name, labels },
        })
      }
      await remove(`${path('secrets')}?labelSelector=keep%3Dfalse`)
      const { items } = (await get(path('secrets'))) as { items: unknown[] }
      assert.equal(
        items.map((one) => at(one, 'metadata/name')),
        ['c'],
      )
    },
  },
]
