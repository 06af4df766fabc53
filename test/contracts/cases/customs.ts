// Contract: kinds that a CustomResourceDefinition brings: served at once, pruned, defaulted, validated, and gone with it.
import * as assert from 'uvu/assert'
import { until } from '../../helpers/until.ts'
import { withWidgets } from '../widgets.ts'
import { at, condition, listAt, patchTypes, textAt, type Case } from '../scope.ts'

export const customCases: Case[] = [
  {
    title: 'a new kind is established, discovered and served',
    async run(scope) {
      await withWidgets(scope, async ({ crd, group, widgets, widget }) => {
        assert.is(condition(crd, 'NamesAccepted'), 'True NoConflicts')
        assert.is(condition(crd, 'Established'), 'True InitialNamesAccepted')
        assert.equal(at(crd, 'status/storedVersions'), ['v1'])
        assert.is(at(crd, 'status/acceptedNames/listKind'), 'WidgetList')
        const list = await scope.get(`/apis/${group}/v1`)
        const found = listAt(list, 'resources').find((one) => at(one, 'name') === 'widgets')
        assert.equal(at(found, 'shortNames'), ['wd'])
        assert.is(at(found, 'singularName'), 'widget')
        assert.ok(listAt(list, 'resources').some((one) => at(one, 'name') === 'widgets/status'))
        const made = await scope.post(widgets(), widget('a', { size: 1 }))
        assert.is(at(made, 'apiVersion'), `${group}/v1`)
        assert.is(at(made, 'metadata/generation'), 1)
        const all = await scope.get(widgets())
        assert.is(at(all, 'kind'), 'WidgetList')
        assert.is(at(all, 'items/0/kind'), 'Widget')
      })
    },
  },
  {
    title: 'status is apart: written through its subresource only, and no generation is counted',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        const made = await scope.post(widgets(), {
          ...widget('a', { size: 1 }),
          status: { phase: 'No' },
        })
        assert.is(at(made, 'status'), undefined)
        await scope.patch(widgets('a'), 'merge', { status: { phase: 'No' } })
        const body = { spec: { size: 9 }, status: { phase: 'Ready', unknown: 1 } }
        const written = await scope.patch(`${widgets('a')}/status`, 'merge', body)
        assert.equal(at(written, 'status'), { phase: 'Ready' })
        assert.is(at(written, 'spec/size'), 1)
        assert.is(at(written, 'metadata/generation'), 1)
        const changed = await scope.patch(widgets('a'), 'merge', { spec: { size: 2 } })
        assert.is(at(changed, 'metadata/generation'), 2)
        assert.equal(at(changed, 'status'), { phase: 'Ready' })
      })
    },
  },
  {
    title: 'tables have the columns of the definition',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        await scope.post(widgets(), widget('a', { size: 3, parts: [{ name: 'x' }, { name: 'y' }] }))
        await scope.patch(`${widgets('a')}/status`, 'merge', { status: { phase: 'Ready' } })
        const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
        const { body } = await scope.client.request('GET', widgets(), { accept })
        const columns = listAt(body, 'columnDefinitions').map((one) => [
          at(one, 'name'),
          at(one, 'type'),
          at(one, 'priority'),
        ])
        assert.equal(columns, [
          ['Name', 'string', 0],
          ['Size', 'integer', 0],
          ['Phase', 'string', 0],
          ['Part', 'string', 1],
          ['Missing', 'string', 0],
          ['Age', 'date', 0],
        ])
        const cells = listAt(body, 'rows/0/cells')
        assert.equal(cells.slice(0, 5), ['a', 3, 'Ready', 'x', null])
        assert.match(String(cells[5]), /^(\d+s|<unknown>|<invalid>)$/)
      })
    },
  },
  {
    title:
      'a strategic merge patch of a custom kind is UnsupportedMediaType; merge, JSON and apply work',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        await scope.post(widgets(), widget('a', { size: 1 }))
        await scope.refused(415, 'PATCH', widgets('a'), {
          body: {},
          contentType: patchTypes.strategic,
        })
        await scope.patch(widgets('a'), 'json', [{ op: 'replace', path: '/spec/size', value: 2 }])
        const one = await scope.patch(
          `${widgets('a')}?fieldManager=x&force=true`,
          'apply',
          widget('a', { size: 3, parts: [{ name: 'p' }] }),
        )
        const two = await scope.patch(
          `${widgets('a')}?fieldManager=y`,
          'apply',
          widget('a', { parts: [{ name: 'q' }] }),
        )
        assert.is(at(one, 'spec/size'), 3)
        assert.equal(
          listAt(two, 'spec/parts').map((part) => at(part, 'name')),
          ['p', 'q'],
        )
      })
    },
  },
  {
    title: 'a watch of a custom kind tells its objects',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        await scope.post(widgets(), widget('a', { size: 1 }))
        const watch = scope.client.watch(`${widgets()}?watch=1`)
        const next = await watch.next()
        void watch.return()
        assert.is(next.done ? '' : at(next.value.object, 'kind'), 'Widget')
      })
    },
  },
  {
    title: 'a changed schema holds for what is written from then on',
    async run(scope) {
      await withWidgets(scope, async ({ crdPath, widgets, widget }) => {
        await scope.post(widgets(), widget('a', { size: 10 }))
        const rule =
          '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum'
        await scope.patch(crdPath, 'json', [{ op: 'replace', path: rule, value: 5 }])
        const refusal = { body: widget('b', { size: 10 }) }
        await scope.waitFor(widgets('a'), () => true)
        const tried = `${widgets()}?dryRun=All`
        await until('the new maximum is kept', async () => {
          return (await scope.client.request('POST', tried, refusal)).status === 422
        })
        assert.is(at(await scope.get(widgets('a')), 'spec/size'), 10)
      })
    },
  },
  {
    title: 'groups that were added are listed by name, whichever was first',
    async run(scope) {
      const groupsOf = (list: unknown, names: string, own: string): unknown[] =>
        listAt(list, names)
          .map((one) => at(one, 'name') ?? at(one, 'metadata/name'))
          .filter((name) => String(name).endsWith(own))
      await withWidgets(
        scope,
        async ({ group }) => {
          await withWidgets(scope, async ({ group: plain }) => {
            const plainly = groupsOf(await scope.get('/apis'), 'groups', plain)
            assert.equal(plainly, [group, plain].sort())
            const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
            const { body } = await scope.client.request('GET', '/apis', { accept })
            assert.equal(groupsOf(body, 'items', plain), [group, plain].sort())
          })
        },
        { prefix: 'z.' },
      )
    },
  },
  {
    title: 'a second version serves the same objects under its own name',
    async run(scope) {
      const more = { name: 'v1beta1', served: true, storage: false }
      await withWidgets(
        scope,
        async ({ group, widgets, widget }) => {
          await scope.post(widgets(), widget('a', { size: 1 }))
          const other = widgets('a').replace(`${group}/v1/`, `${group}/v1beta1/`)
          const found = await scope.get(other)
          assert.is(at(found, 'apiVersion'), `${group}/v1beta1`)
          assert.is(at(found, 'spec/size'), 1)
          const description = await scope.get(`/apis/${group}`)
          assert.equal(
            listAt(description, 'versions').map((one) => at(one, 'version')),
            ['v1', 'v1beta1'],
          )
        },
        { moreVersions: [more] },
      )
    },
  },
  {
    title: 'a deleted definition takes its objects and its discovery with it',
    async run(scope) {
      await withWidgets(scope, async ({ crdPath, group, widgets, widget }) => {
        await scope.post(widgets(), widget('a', { size: 1 }))
        await scope.remove(crdPath)
        await scope.waitUntilGone(crdPath)
        await scope.waitUntilGone(widgets('a'))
        await scope.waitUntilGone(`/apis/${group}/v1`)
      })
    },
  },
  {
    title:
      'a definition whose name is not its plural and group is Invalid, and so is one without a schema',
    async run(scope) {
      const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
      const body = (name: string, version: object): object => ({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name },
        spec: {
          group: 'bad.example.test',
          scope: 'Namespaced',
          names: { plural: 'bads', singular: 'bad', kind: 'Bad', listKind: 'BadList' },
          versions: [{ name: 'v1', served: true, storage: true, ...version }],
        },
      })
      const schema = { openAPIV3Schema: { type: 'object' } }
      const misnamed = await scope.refused(422, 'POST', crds, {
        body: body('other.bad.example.test', { schema }),
      })
      assert.match(
        textAt(misnamed, 'message'),
        /metadata\.name: Invalid value: "other\.bad\.example\.test": must be spec\.names\.plural\+"\."\+spec\.group/,
      )
      const bare = await scope.refused(422, 'POST', crds, {
        body: body('bads.bad.example.test', {}),
      })
      assert.match(
        textAt(bare, 'message'),
        /spec\.versions\[0\]\.schema\.openAPIV3Schema: Required value/,
      )
    },
  },
]
