// Contract: what server-side apply refuses to take as a configuration.
import * as assert from 'uvu/assert'
import { deployment } from '../manifests.ts'
import { at, configMap, patchTypes, textAt, type Case, type Scope } from '../scope.ts'

async function refusal(
  { path, refused }: Scope,
  code: number,
  body: object,
  [plural, groupVersion]: [string, string] = ['configmaps', 'v1'],
): Promise<string> {
  const url = `${path(plural, 'a', groupVersion)}?fieldManager=x`
  return textAt(
    await refused(code, 'PATCH', url, { body, contentType: patchTypes.apply }),
    'message',
  )
}

const deployments: [string, string] = ['deployments', 'apps/v1']

export const configurationCases: Case[] = [
  {
    title: 'the status of an object that does not exist cannot be applied',
    async run({ path, refused, client }) {
      const one = path('deployments', 'a', 'apps/v1')
      const body = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a' },
        status: {},
      }
      const status = await refused(404, 'PATCH', `${one}/status?fieldManager=x`, {
        body,
        contentType: patchTypes.apply,
      })
      assert.is(at(status, 'message'), 'deployments.apps "a" not found')
      assert.is((await client.request('GET', one)).status, 404)
    },
  },
  {
    title: 'a configuration says its version and kind, and they are those of the URL',
    async run(scope) {
      for (const [type, says] of [
        [{ apiVersion: 'v1' }, '/v1, Kind='],
        [{ kind: 'ConfigMap' }, '/, Kind=ConfigMap'],
        [{ apiVersion: 'apps/v1', kind: 'Deployment' }, 'apps/v1, Kind=Deployment'],
      ] as const)
        assert.is(
          await refusal(scope, 400, { ...type, metadata: { name: 'a' } }),
          `invalid object type: ${says}`,
        )
    },
  },
  {
    title: 'a configuration has a name',
    async run(scope) {
      assert.is(
        await refusal(scope, 400, { apiVersion: 'v1', kind: 'ConfigMap' }),
        'the name of the object (a based on URL) was undeterminable: name must be provided',
      )
    },
  },
  {
    title: 'items that are told apart by keys come once, and are no null',
    async run(scope) {
      const failed =
        'failed to create typed patch object (/a; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="main"]'
      const twice = { ports: [{ containerPort: 1 }, { containerPort: 1 }] }
      assert.is(
        await refusal(scope, 500, deployment('a', {}, twice), deployments),
        `${failed}.ports: duplicate entries for key [containerPort=1,protocol="TCP"]`,
      )
      assert.is(
        await refusal(scope, 500, deployment('a', {}, { env: [null] }), deployments),
        `${failed}.env: element 0: associative list with keys may not have a null element`,
      )
      const env = ['a', 'b', 'b'].map((value) => ({ name: 'A', value }))
      const again = `${failed}.env: duplicate entries for key [name="A"]`.replace(/^[^.]*: /, '  ')
      assert.match(
        await refusal(scope, 500, deployment('a', {}, { env }), deployments),
        `errors:\n${again}\n${again}`,
      )
    },
  },
  {
    title: 'items of a set come once',
    async run(scope) {
      const metadata = { name: 'a', finalizers: ['x.io/a', 'x.io/b', 'x.io/a'] }
      assert.is(
        await refusal(scope, 500, configMap('a', { metadata })),
        'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .metadata.finalizers: duplicate entries for key [="x.io/a"]',
      )
    },
  },
  {
    title: 'what is not there is applied whatever version it is said to have, and never with a uid',
    async run(scope) {
      const { path, patch } = scope
      const says = await refusal(scope, 409, configMap('a', { metadata: { name: 'a', uid: 'x' } }))
      assert.is(
        says,
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid x, and no existing object was found',
      )
      const body = configMap('a', { metadata: { name: 'a', resourceVersion: '1' } })
      const made = await patch(`${path('configmaps', 'a')}?fieldManager=x`, 'apply', body)
      assert.is(at(made, 'metadata/name'), 'a')
    },
  },
]
