// Contract: server-side apply, who owns which field, and what a conflict says.
import * as assert from 'uvu/assert'
import { containersOf, deployment } from '../manifests.ts'
import { at, listAt, patchTypes, textAt, type Case, type Scope } from '../scope.ts'

const contentType = patchTypes.apply

function as(manager: string, more = ''): string {
  return `?fieldManager=${manager}${more}`
}

function withData(data: Record<string, string>, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', ...metadata }, data }
}

type Entry = {
  manager: string
  operation: string
  subresource?: string
  fieldsV1: unknown
  time?: string
}

function owners(object: unknown): Entry[] {
  return listAt(object, 'metadata/managedFields') as Entry[]
}

function fieldsOf(object: unknown, manager: string): unknown {
  return owners(object).find((one) => one.manager === manager)?.fieldsV1
}

function ownedEnv(object: unknown, manager: string): unknown {
  const containers = 'f:spec/f:template/f:spec/f:containers'
  return at(fieldsOf(object, manager), `${containers}/k:{"name":"main"}/f:env`)
}

function applied(
  { path, patch }: Scope,
  manager: string,
  body: object,
  more = '',
): Promise<unknown> {
  return patch(path('configmaps', 'a') + as(manager, more), 'apply', body)
}

export const applyCases: Case[] = [
  {
    title: 'apply creates with 201, then changes with 200, and records who owns what',
    async run({ client, path }) {
      const send = (body: object) =>
        client.request('PATCH', path('configmaps', 'a') + as('one'), { body, contentType })
      const made = await send(withData({ x: '1' }))
      assert.is(made.status, 201)
      const [entry] = owners(made.body)
      assert.is(owners(made.body).length, 1)
      assert.is(entry?.manager, 'one')
      assert.is(entry?.operation, 'Apply')
      assert.equal(entry?.fieldsV1, { 'f:data': { 'f:x': {} } })
      const changed = await send(withData({ x: '2' }))
      assert.is(changed.status, 200)
      assert.equal(at(changed.body, 'data'), { x: '2' })
    },
  },
  {
    title: 'what is applied as null or empty is owned, although it is not there',
    async run(scope) {
      const metadata = { labels: null, annotations: {}, finalizers: null, creationTimestamp: null }
      const made = await applied(scope, 'one', withData({ x: '1' }, metadata))
      assert.equal(fieldsOf(made, 'one'), {
        'f:data': { 'f:x': {} },
        'f:metadata': { 'f:annotations': {}, 'f:finalizers': {}, 'f:labels': {} },
      })
      assert.is(at(made, 'metadata/labels'), undefined)
    },
  },
  {
    title: 'apply takes YAML',
    async run({ path, patch }) {
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n'
      const made = await patch(path('configmaps', 'a') + as('one'), 'apply', yaml)
      assert.equal(at(made, 'data'), { x: '1' })
    },
  },
  {
    title: 'applying the same again makes no new version',
    async run(scope) {
      const first = await applied(scope, 'one', withData({ x: '1' }))
      const second = await applied(scope, 'one', withData({ x: '1' }))
      assert.is(at(second, 'metadata/resourceVersion'), at(first, 'metadata/resourceVersion'))
    },
  },
  {
    title: 'changing what another manager owns is a Conflict that names it; force takes it over',
    async run(scope) {
      const { path, refused } = scope
      await applied(scope, 'one', withData({ x: '1', y: '1' }))
      const status = await refused(409, 'PATCH', path('configmaps', 'a') + as('two'), {
        body: withData({ x: '2' }),
        contentType,
      })
      assert.is(at(status, 'reason'), 'Conflict')
      assert.is(at(status, 'message'), 'Apply failed with 1 conflict: conflict with "one": .data.x')
      assert.equal(at(status, 'details/causes'), [
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.x' },
      ])
      const forced = await applied(scope, 'two', withData({ x: '2' }), '&force=true')
      assert.equal(at(forced, 'data'), { x: '2', y: '1' })
      assert.equal(fieldsOf(forced, 'one'), { 'f:data': { 'f:y': {} } })
      assert.equal(fieldsOf(forced, 'two'), { 'f:data': { 'f:x': {} } })
    },
  },
  {
    title: 'the same value may be owned by two, and stays while one of them wants it',
    async run(scope) {
      await applied(scope, 'one', withData({ x: '1' }))
      await applied(scope, 'two', withData({ x: '1', y: '1' }))
      const kept = await applied(scope, 'one', withData({}))
      assert.equal(at(kept, 'data'), { x: '1', y: '1' })
      const gone = await applied(scope, 'two', withData({ y: '1' }))
      assert.equal(at(gone, 'data'), { y: '1' })
    },
  },
  {
    title: 'what a manager no longer applies goes, unless somebody else wrote it',
    async run(scope) {
      await applied(scope, 'one', withData({ x: '1', y: '1' }))
      const updated = await scope.patch(scope.path('configmaps', 'a') + as('editor'), 'merge', {
        data: { z: '9' },
      })
      assert.is(owners(updated).find(({ manager }) => manager === 'editor')?.operation, 'Update')
      const after = await applied(scope, 'one', withData({ x: '1' }))
      assert.equal(at(after, 'data'), { x: '1', z: '9' })
    },
  },
  {
    title: 'an update takes fields over from those who applied them, so the next apply conflicts',
    async run(scope) {
      await applied(scope, 'one', withData({ x: '1' }))
      await scope.patch(scope.path('configmaps', 'a') + as('editor'), 'merge', { data: { x: '2' } })
      const status = await scope.refused(409, 'PATCH', scope.path('configmaps', 'a') + as('one'), {
        body: withData({ x: '1' }),
        contentType,
      })
      assert.match(
        textAt(status, 'message'),
        /^Apply failed with 1 conflict: conflict with "editor" using v1( at \S+)?: \.data\.x$/,
      )
    },
  },
  {
    title: 'lists are merged by their keys, each element owned by itself',
    async run({ path, patch, refused }) {
      const url = path('services', 's')
      const service = (...ports: object[]): object => ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { ports },
      })
      await patch(url + as('one'), 'apply', service({ name: 'a', port: 80, protocol: 'TCP' }))
      const both = await patch(
        url + as('two'),
        'apply',
        service({ name: 'b', port: 81, protocol: 'TCP' }),
      )
      assert.equal(
        listAt(both, 'spec/ports').map((one) => at(one, 'name')),
        ['a', 'b'],
      )
      const key = 'k:{"port":81,"protocol":"TCP"}'
      assert.equal(fieldsOf(both, 'two'), {
        'f:spec': {
          'f:ports': { [key]: { '.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {} } },
        },
      })
      const status = await refused(409, 'PATCH', url + as('two'), {
        body: service({ name: 'c', port: 80, protocol: 'TCP' }),
        contentType,
      })
      assert.is(at(status, 'details/causes/0/field'), '.spec.ports[port=80,protocol="TCP"].name')
      const left = await patch(
        url + as('one'),
        'apply',
        service({ name: 'n', port: 90, protocol: 'TCP' }),
      )
      assert.equal(
        listAt(left, 'spec/ports')
          .map((one) => at(one, 'name'))
          .sort(),
        ['b', 'n'],
      )
    },
  },
  {
    title:
      'items that repeat a key are owned as one, kept together, and replaced by one that is applied',
    async run(scope) {
      const { path, patch, post, remove } = scope
      const all = path('deployments', undefined, 'apps/v1')
      const one = path('deployments', 'web', 'apps/v1')
      const item = (name: string, value: string) => ({ name, value })
      const withEnv = (...env: object[]) => deployment('web', { replicas: 0 }, { env })
      const apply = (...env: object[]) =>
        patch(`${one}?fieldManager=x&force=true`, 'apply', withEnv(...env))
      const envOf = (object: unknown) => listAt(containersOf(object)[0], 'env')
      const repeated = withEnv(item('A', '1'), item('B', '1'), item('A', '2'))
      const made = await post(`${all}?fieldManager=maker`, repeated)
      const whole = { '.': {}, 'f:name': {}, 'f:value': {} }
      const [A, B] = ['k:{"name":"A"}', 'k:{"name":"B"}']
      assert.equal(ownedEnv(made, 'maker'), { '.': {}, [A]: {}, [B]: whole })
      const beside = await apply(item('B', '3'))
      assert.equal(envOf(beside), [item('A', '1'), item('B', '3'), item('A', '2')])
      assert.equal(ownedEnv(beside, 'maker'), { '.': {}, [A]: {}, [B]: { '.': {}, 'f:name': {} } })
      const instead = await apply(item('A', '3'))
      assert.equal(envOf(instead), [item('A', '3'), { name: 'B' }])
      assert.equal(ownedEnv(instead, 'maker'), { '.': {}, [B]: { '.': {}, 'f:name': {} } })
      assert.equal(envOf(await apply()), [{ name: 'B' }])
      await remove(one)
    },
  },
  {
    title: 'apply without a field manager is refused',
    async run({ path, refused }) {
      const status = await refused(422, 'PATCH', path('configmaps', 'a'), {
        body: withData({}),
        contentType,
      })
      assert.match(
        textAt(status, 'message'),
        /fieldManager: Required value: is required for apply patch/,
      )
    },
  },
  {
    title: 'apply of an object that carries managedFields is refused',
    async run({ path, refused }) {
      const managedFields = [
        {
          manager: 'x',
          operation: 'Apply',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: {},
        },
      ]
      const body = withData({}, { managedFields })
      const status = await refused(400, 'PATCH', path('configmaps', 'a') + as('one'), {
        body,
        contentType,
      })
      assert.is(at(status, 'message'), 'metadata.managedFields must be nil')
    },
  },
  {
    title: 'apply with dryRun=All keeps nothing',
    async run({ path, patch, refused }) {
      const made = await patch(
        path('configmaps', 'a') + as('one', '&dryRun=All'),
        'apply',
        withData({ x: '1' }),
      )
      assert.equal(at(made, 'data'), { x: '1' })
      await refused(404, 'GET', path('configmaps', 'a'))
    },
  },
  {
    title: 'apply refuses unknown fields, and a name that is not that of the URL',
    async run({ path, refused }) {
      const url = path('configmaps', 'a') + as('one', '&fieldValidation=Strict')
      const unknown = { body: { ...withData({}), dta: {} }, contentType }
      const status = await refused(500, 'PATCH', url, unknown)
      assert.match(textAt(status, 'message'), /\.dta: field not declared in schema$/)
      const other = { ...withData({}), metadata: { name: 'b' } }
      await refused(400, 'PATCH', path('configmaps', 'a') + as('one'), { body: other, contentType })
    },
  },
  {
    title: 'a create and an update are owned by the manager in the query, else by the program',
    async run({ path, post, patch }) {
      const made = await post(path('configmaps'), withData({ x: '1' }))
      assert.equal(
        owners(made).map(({ manager, operation }) => [manager, operation]),
        [['contract', 'Update']],
      )
      const named = await patch(path('configmaps', 'a') + as('named'), 'merge', {
        data: { y: '1' },
      })
      assert.equal(fieldsOf(named, 'named'), { 'f:data': { 'f:y': {} } })
    },
  },
  {
    title: 'status is applied through its subresource and owned apart',
    async run({ path, post, patch }) {
      const groupVersion = 'policy/v1'
      const head = {
        apiVersion: groupVersion,
        kind: 'PodDisruptionBudget',
        metadata: { name: 'pdb' },
      }
      const spec = { maxUnavailable: 1, selector: { matchLabels: { app: 'nobody' } } }
      await post(path('poddisruptionbudgets', undefined, groupVersion), { ...head, spec })
      const status = { disruptedPods: { p: '2099-01-01T00:00:00Z' } }
      const url = `${path('poddisruptionbudgets', 'pdb', groupVersion)}/status`
      const written = await patch(url + as('controller'), 'apply', { ...head, status })
      assert.equal(at(written, 'status/disruptedPods'), status.disruptedPods)
      const entry = owners(written).find(({ manager }) => manager === 'controller')
      assert.is(entry?.subresource, 'status')
      assert.equal(entry?.fieldsV1, { 'f:status': { 'f:disruptedPods': { 'f:p': {} } } })
    },
  },
]
