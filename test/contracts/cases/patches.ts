// Contract: JSON patch and merge patch, and what all patches have in common.
import * as assert from 'uvu/assert'
import { container, containersOf, namesIn, podPatch, withContainers } from '../manifests.ts'
import {
  at,
  configMap,
  patchTypes,
  textAt,
  type Case,
  type PatchType,
  type Scope,
} from '../scope.ts'

function refusedPatch(
  scope: Scope,
  code: number,
  path: string,
  type: PatchType,
  body: unknown,
): Promise<unknown> {
  return scope.refused(code, 'PATCH', path, { body, contentType: patchTypes[type] })
}

export const patchCases: Case[] = [
  {
    title: 'a merge patch sets, replaces lists and removes what is null',
    async run({ path, post, patch }) {
      const metadata = { name: 'a', labels: { keep: '1', drop: '1' } }
      await post(path('configmaps'), configMap('a', { metadata, data: { x: '1', y: '1' } }))
      const body = { metadata: { labels: { drop: null, add: '1' } }, data: { x: '2' } }
      const patched = await patch(path('configmaps', 'a'), 'merge', body)
      assert.equal(at(patched, 'metadata/labels'), { keep: '1', add: '1' })
      assert.equal(at(patched, 'data'), { x: '2', y: '1' })
    },
  },
  {
    title: 'a merge patch replaces the containers as a whole',
    async run(scope) {
      const one = await withContainers(scope, container('a'), container('b'))
      const patched = await scope.patch(one, 'merge', podPatch({ containers: [container('c')] }))
      assert.equal(namesIn(containersOf(patched)), ['c'])
    },
  },
  {
    title: 'a JSON patch tests, adds, replaces, moves, copies and removes',
    async run({ path, post, patch }) {
      await post(
        path('configmaps'),
        configMap('a', {
          metadata: { name: 'a', labels: { 'x.test/1': '1' } },
          data: { y: '1', m: '1' },
        }),
      )
      const patched = await patch(path('configmaps', 'a'), 'json', [
        { op: 'test', path: '/data/y', value: '1' },
        { op: 'replace', path: '/metadata/labels/x.test~11', value: '2' },
        { op: 'add', path: '/data/z', value: '3' },
        { op: 'copy', from: '/data/z', path: '/data/c' },
        { op: 'move', from: '/data/m', path: '/data/n' },
        { op: 'remove', path: '/data/y' },
      ])
      assert.equal(at(patched, 'data'), { z: '3', c: '3', n: '1' })
      assert.equal(at(patched, 'metadata/labels'), { 'x.test/1': '2' })
    },
  },
  {
    title: 'a JSON patch whose test fails, or that removes what is not there, changes nothing',
    async run(scope) {
      const { path, get, post } = scope
      const made = await post(path('configmaps'), configMap('a', { data: { x: '1' } }))
      for (const operation of [
        { op: 'test', path: '/data/x', value: '9' },
        { op: 'remove', path: '/data/none' },
      ]) {
        const status = await refusedPatch(scope, 422, path('configmaps', 'a'), 'json', [
          { op: 'add', path: '/data/y', value: '1' },
          operation,
        ])
        assert.is(at(status, 'reason'), 'Invalid')
      }
      assert.equal(await get(path('configmaps', 'a')), made)
    },
  },
  {
    title: 'a JSON patch appends to a list with "-"',
    async run(scope) {
      const one = await withContainers(scope, container('a'))
      const operation = {
        op: 'add',
        path: '/spec/template/spec/containers/-',
        value: container('b'),
      }
      assert.equal(namesIn(containersOf(await scope.patch(one, 'json', [operation]))), ['a', 'b'])
    },
  },
  {
    title: 'a patch that names an old resourceVersion is a Conflict',
    async run(scope) {
      const { path, post, patch } = scope
      const made = await post(path('configmaps'), configMap('a'))
      await patch(path('configmaps', 'a'), 'merge', { data: { x: '1' } })
      const { resourceVersion } = at(made, 'metadata') as { resourceVersion: string }
      const body = { metadata: { resourceVersion }, data: { x: '2' } }
      for (const type of ['merge', 'strategic'] as const)
        await refusedPatch(scope, 409, path('configmaps', 'a'), type, body)
    },
  },
  {
    title: 'a patch of what does not exist is NotFound',
    async run(scope) {
      for (const type of ['merge', 'strategic'] as const)
        await refusedPatch(scope, 404, scope.path('configmaps', 'nope'), type, {})
    },
  },
  {
    title: 'a content type that is no patch is UnsupportedMediaType',
    async run({ path, post, refused }) {
      await post(path('configmaps'), configMap('a'))
      const status = await refused(415, 'PATCH', path('configmaps', 'a'), {
        body: {},
        contentType: 'application/json',
      })
      assert.is(at(status, 'reason'), 'UnsupportedMediaType')
    },
  },
  {
    title: 'a patch that is not JSON is a BadRequest',
    async run({ path, post, refused }) {
      await post(path('configmaps'), configMap('a'))
      for (const type of ['merge', 'json', 'strategic'] as const)
        await refused(400, 'PATCH', path('configmaps', 'a'), {
          body: '{nope',
          contentType: patchTypes[type],
        })
    },
  },
  {
    title: 'a patch may not make an object invalid',
    async run(scope) {
      const one = await withContainers(scope, container('a'))
      const status = await refusedPatch(scope, 422, one, 'merge', { spec: { replicas: -1 } })
      assert.match(
        textAt(status, 'message'),
        /spec\.replicas: Invalid value: -1: must be greater than or equal to 0/,
      )
    },
  },
]
