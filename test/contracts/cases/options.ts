// Contract: what a server makes of the parameters and bodies that say how to write and delete.
import * as assert from 'uvu/assert'
import { at, configMap, textAt, type Case } from '../scope.ts'

const deleteOptions = { apiVersion: 'v1', kind: 'DeleteOptions' }

export const optionCases: Case[] = [
  {
    title: 'a deletion with an unknown word for dryRun is Invalid and deletes nothing',
    async run({ path, post, get, refused }) {
      await post(path('configmaps'), configMap('a'))
      const one = path('configmaps', 'a')
      const says = (words: string): string =>
        `DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ${words}: supported values: "All"`
      for (const [query, body, words] of [
        ['?dryRun=Some', undefined, '["Some"]'],
        ['', { ...deleteOptions, dryRun: ['Some'] }, '["Some"]'],
        ['', { ...deleteOptions, dryRun: ['All', 'Some'] }, '["All","Some"]'],
      ] as const) {
        const status = await refused(422, 'DELETE', `${one}${query}`, { body })
        assert.is(at(status, 'message'), says(words))
      }
      await refused(422, 'DELETE', `${path('configmaps')}?dryRun=Some`)
      assert.is(at(await get(one), 'metadata/name'), 'a')
    },
  },
  {
    title: 'DeleteOptions of the wrong types or another kind are a BadRequest',
    async run({ path, post, get, refused }) {
      await post(path('configmaps'), configMap('a'))
      const one = path('configmaps', 'a')
      for (const [more, says] of [
        [
          { gracePeriodSeconds: 'x' },
          'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
        ],
        [
          { preconditions: 5 },
          'json: cannot unmarshal number into Go struct field DeleteOptions.preconditions of type v1.Preconditions',
        ],
      ] as const) {
        const body = { ...deleteOptions, ...more }
        assert.is(at(await refused(400, 'DELETE', one, { body }), 'message'), says)
      }
      await refused(400, 'DELETE', one, { body: configMap('a') })
      await refused(400, 'DELETE', one, { body: '5' })
      assert.is(at(await get(one), 'metadata/name'), 'a')
    },
  },
  {
    title: 'the name of a field manager has a length',
    async run({ path, refused }) {
      const manager = 'x'.repeat(129)
      const url = `${path('configmaps')}?fieldManager=${manager}`
      const status = await refused(422, 'POST', url, { body: configMap('a') })
      assert.is(
        at(status, 'message'),
        'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
      )
    },
  },
  {
    title: 'force is for server-side apply only',
    async run({ path, post, refused }) {
      await post(path('configmaps'), configMap('a'))
      const status = await refused(422, 'PATCH', `${path('configmaps', 'a')}?force=true`, {
        body: { data: { a: '1' } },
        contentType: 'application/merge-patch+json',
      })
      assert.is(
        at(status, 'message'),
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      )
    },
  },
  {
    title: 'what is said twice is a BadRequest under Strict, a warning else, and the last counts',
    async run({ path, client, refused }) {
      const body =
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"1","a":"2"}}'
      const strict = await refused(400, 'POST', `${path('configmaps')}?fieldValidation=Strict`, {
        body,
      })
      assert.is(
        at(strict, 'message'),
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"',
      )
      const made = await client.request('POST', path('configmaps'), { body })
      assert.is(at(made.body, 'data/a'), '2')
      assert.match(made.headers['warning'] ?? '', 'duplicate field \\"data.a\\"')
    },
  },
  {
    title: 'a key that comes twice in YAML is a BadRequest under Strict only',
    async run({ path, post, refused }) {
      const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "1", a: "2"}\n'
      const contentType = 'application/yaml'
      const strict = await refused(400, 'POST', `${path('configmaps')}?fieldValidation=Strict`, {
        body,
        contentType,
      })
      assert.match(textAt(strict, 'message'), 'line 4: key "a" already set in map')
      assert.is(at(await post(path('configmaps'), body, { contentType }), 'data/a'), '2')
    },
  },
  {
    title: 'a time that is none is a BadRequest',
    async run({ path, refused }) {
      for (const [time, why] of [
        ['foo', 'parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"'],
        ['2020-13-01T00:00:00Z', 'parsing time "2020-13-01T00:00:00Z": month out of range'],
        ['2020-02-30T00:00:00Z', 'parsing time "2020-02-30T00:00:00Z": day out of range'],
        [
          '2020-02-03 00:00:00',
          'parsing time "2020-02-03 00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse " 00:00:00" as "T"',
        ],
      ]) {
        const body = configMap('a', { metadata: { name: 'a', creationTimestamp: time } })
        const status = await refused(400, 'POST', path('configmaps'), { body })
        assert.is(
          at(status, 'message'),
          `ConfigMap in version "v1" cannot be handled as a ConfigMap: ${why}`,
        )
      }
    },
  },
  {
    title: 'a patch whose outcome cannot be read is Invalid, and says what it would have been',
    async run({ path, post, refused }) {
      await post(path('configmaps'), configMap('a'))
      const status = await refused(422, 'PATCH', path('configmaps', 'a'), {
        body: { metadata: { finalizers: 'x' } },
        contentType: 'application/merge-patch+json',
      })
      assert.match(textAt(status, 'message'), / "" is invalid: patch: Invalid value: "\{/)
      assert.match(
        textAt(status, 'message'),
        'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.finalizers of type []string',
      )
    },
  },
]
