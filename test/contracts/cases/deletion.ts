// Contract: what happens between a DELETE and the end: finalizers, owners, namespaces.
import * as assert from 'uvu/assert'
import { at, configMap, listAt, patchTypes, textAt, type Case, type Scope } from '../scope.ts'

const finalizers = ['example.test/hold']

function held(name: string): object {
  return configMap(name, { metadata: { name, finalizers } })
}

async function owned(scope: Scope, name: string, ...owners: unknown[]): Promise<unknown> {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: textAt(owner, 'metadata/name'),
    uid: textAt(owner, 'metadata/uid'),
    blockOwnerDeletion: true,
  }))
  const body = configMap(name, { metadata: { name, ownerReferences } })
  return scope.post(scope.path('configmaps'), body)
}

function policy(propagationPolicy: string): object {
  return { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy }
}

export const deletionCases: Case[] = [
  {
    title: 'a finalizer holds a deleted object until it is taken off',
    async run(scope) {
      const { path, get, post, patch, remove, refused } = scope
      await post(path('configmaps'), held('a'))
      const answer = await remove(path('configmaps', 'a'))
      assert.ok(
        at(answer, 'metadata/deletionTimestamp'),
        'DELETE answers the object while it stays',
      )
      const marked = await get(path('configmaps', 'a'))
      assert.is(at(marked, 'metadata/deletionGracePeriodSeconds'), 0)
      const changed = await patch(path('configmaps', 'a'), 'merge', { data: { x: '1' } })
      assert.equal(at(changed, 'data'), { x: '1' })
      await patch(path('configmaps', 'a'), 'merge', { metadata: { finalizers: null } })
      await refused(404, 'GET', path('configmaps', 'a'))
    },
  },
  {
    title: 'an object that is going takes no new finalizers and keeps its deletionTimestamp',
    async run(scope) {
      const { path, get, post, patch, remove, refused } = scope
      await post(path('configmaps'), held('a'))
      await remove(path('configmaps', 'a'))
      const marked = await get(path('configmaps', 'a'))
      const status = await refused(422, 'PATCH', path('configmaps', 'a'), {
        body: { metadata: { finalizers: [...finalizers, 'example.test/more'] } },
        contentType: patchTypes.merge,
      })
      assert.match(
        textAt(status, 'message'),
        /metadata\.finalizers: Forbidden: no new finalizers can be added if the object is being deleted/,
      )
      const again = await remove(path('configmaps', 'a'))
      assert.is(at(again, 'metadata/deletionTimestamp'), at(marked, 'metadata/deletionTimestamp'))
      await patch(path('configmaps', 'a'), 'merge', { metadata: { finalizers: [] } })
    },
  },
  {
    title: 'what an object owns goes after it',
    async run(scope) {
      const { path, post, remove, waitUntilGone } = scope
      const owner = await post(path('configmaps'), configMap('owner'))
      const child = await owned(scope, 'child', owner)
      await owned(scope, 'grandchild', child)
      await remove(path('configmaps', 'owner'))
      await waitUntilGone(path('configmaps', 'child'))
      await waitUntilGone(path('configmaps', 'grandchild'))
    },
  },
  {
    title: 'what has another owner stays, without the one that went',
    async run(scope) {
      const { path, post, remove, waitFor } = scope
      const [one, two] = [
        await post(path('configmaps'), configMap('one')),
        await post(path('configmaps'), configMap('two')),
      ]
      await owned(scope, 'child', one, two)
      await remove(path('configmaps', 'one'))
      const child = await waitFor(
        path('configmaps', 'child'),
        (found) => listAt(found, 'metadata/ownerReferences').length === 1,
      )
      assert.is(at(child, 'metadata/ownerReferences/0/name'), 'two')
    },
  },
  {
    title: 'what names an owner that does not exist goes',
    async run(scope) {
      const ghost = { metadata: { name: 'ghost', uid: '11111111-1111-4111-8111-111111111111' } }
      await owned(scope, 'child', ghost)
      await scope.waitUntilGone(scope.path('configmaps', 'child'))
    },
  },
  {
    title: 'foreground: the owner waits for what it owns',
    async run(scope) {
      const { path, get, post, patch, remove, waitFor, waitUntilGone } = scope
      const owner = await post(path('configmaps'), configMap('owner'))
      await owned(scope, 'child', owner)
      await patch(path('configmaps', 'child'), 'merge', { metadata: { finalizers } })
      await remove(path('configmaps', 'owner'), policy('Foreground'))
      await waitFor(
        path('configmaps', 'child'),
        (found) => at(found, 'metadata/deletionTimestamp') !== undefined,
      )
      const waiting = await get(path('configmaps', 'owner'))
      assert.equal(at(waiting, 'metadata/finalizers'), ['foregroundDeletion'])
      await patch(path('configmaps', 'child'), 'merge', { metadata: { finalizers: null } })
      await waitUntilGone(path('configmaps', 'owner'))
      await waitUntilGone(path('configmaps', 'child'))
    },
  },
  {
    title: 'orphan: what is owned stays, and belongs to nobody',
    async run(scope) {
      const { path, post, remove, waitFor, waitUntilGone } = scope
      const owner = await post(path('configmaps'), configMap('owner'))
      await owned(scope, 'child', owner)
      // Until the garbage collector has seen the child, it orphans nobody.
      await scope.get(path('configmaps', 'child'))
      await remove(path('configmaps', 'owner'), policy('Orphan'))
      await waitUntilGone(path('configmaps', 'owner'))
      await waitFor(
        path('configmaps', 'child'),
        (found) => at(found, 'metadata/ownerReferences') === undefined,
      )
    },
  },
  {
    title: 'a namespace that goes takes its content with it and accepts nothing new',
    async run(scope) {
      const { client, path, post, patch, refused, namespace, waitFor, waitUntilGone } = scope
      const self = `/api/v1/namespaces/${namespace}`
      await post(path('configmaps'), held('held'))
      await post(path('configmaps'), configMap('free'))
      const { body } = await client.request('DELETE', self)
      assert.is(at(body, 'status/phase'), 'Terminating')
      await waitUntilGone(path('configmaps', 'free'))
      await waitFor(
        path('configmaps', 'held'),
        (found) => at(found, 'metadata/deletionTimestamp') !== undefined,
      )
      const status = await refused(403, 'POST', path('configmaps'), { body: configMap('late') })
      assert.is(at(status, 'reason'), 'Forbidden')
      assert.is(at(status, 'details/causes/0/reason'), 'NamespaceTerminating')
      assert.is(
        at(status, 'message'),
        `configmaps "late" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      )
      await patch(path('configmaps', 'held'), 'merge', { metadata: { finalizers: null } })
      await waitUntilGone(self)
    },
  },
  {
    title: 'the namespaces of the system stay',
    async run({ refused }) {
      const status = await refused(403, 'DELETE', '/api/v1/namespaces/kube-system')
      assert.is(
        at(status, 'message'),
        'namespaces "kube-system" is forbidden: this namespace may not be deleted',
      )
    },
  },
  {
    title: 'a namespace has a service account and the certificate of the cluster',
    async run({ path, waitFor, get, namespace }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      await waitFor(path('configmaps', 'kube-root-ca.crt'), () => true)
      const found = await get(`/api/v1/namespaces/${namespace}`)
      assert.is(at(found, 'status/phase'), 'Active')
      assert.equal(at(found, 'spec/finalizers'), ['kubernetes'])
      const labels = at(found, 'metadata/labels') as Record<string, string>
      assert.is(labels['kubernetes.io/metadata.name'], namespace)
    },
  },
]
