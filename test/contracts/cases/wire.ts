// Contract: bodies in protobuf, as helm sends its release records.
import { Buffer } from 'node:buffer'
import * as assert from 'uvu/assert'
import { at, type Case } from '../scope.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'

// Protocol buffers by hand: a tag, a length, the bytes. Everything here is a message or text, wire type 2.
function field(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}

function entry(number: number, key: string, value: Buffer | string): Buffer {
  return field(number, Buffer.concat([field(1, key), field(2, value)]))
}

// "k8s", a zero, runtime.Unknown{typeMeta{apiVersion, kind}, raw}.
function envelope(kind: string, raw: Buffer): Buffer {
  const typeMeta = Buffer.concat([field(1, 'v1'), field(2, kind)])
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw)])
}

function objectMeta(name: string, labels: Record<string, string>): Buffer {
  const pairs = Object.entries(labels).map(([key, value]) => entry(11, key, value))
  return Buffer.concat([field(1, name), ...pairs])
}

function secret(
  name: string,
  data: Record<string, string>,
  labels: Record<string, string> = {},
): Buffer {
  const pairs = Object.entries(data).map(([key, value]) => entry(2, key, value))
  return envelope(
    'Secret',
    Buffer.concat([field(1, objectMeta(name, labels)), ...pairs, field(3, 'helm.sh/release.v1')]),
  )
}

export const wireCases: Case[] = [
  {
    title: 'a Secret is created and replaced in protobuf',
    async run({ client, path, get, post }) {
      const labels = { owner: 'helm', name: 'web', version: '1' }
      const big = 'x'.repeat(300_000)
      const made = await post(
        path('secrets'),
        secret('sh.helm.release.v1.web.v1', { release: big }, labels),
        {
          contentType: protobuf,
        },
      )
      assert.is(at(made, 'type'), 'helm.sh/release.v1')
      assert.equal(at(made, 'metadata/labels'), labels)
      assert.is(at(made, 'data/release'), Buffer.from(big).toString('base64'))
      const one = path('secrets', 'sh.helm.release.v1.web.v1')
      const reply = await client.request('PUT', one, {
        body: secret('sh.helm.release.v1.web.v1', { release: 'short' }),
        contentType: protobuf,
      })
      assert.is(reply.status, 200)
      assert.equal(at(await get(one), 'data'), { release: Buffer.from('short').toString('base64') })
    },
  },
  {
    title: 'a ConfigMap is created in protobuf',
    async run({ path, post }) {
      const body = envelope(
        'ConfigMap',
        Buffer.concat([field(1, objectMeta('a', {})), entry(2, 'key', 'väl')]),
      )
      const made = await post(path('configmaps'), body, { contentType: protobuf })
      assert.equal(at(made, 'data'), { key: 'väl' })
    },
  },
  {
    title: 'a Namespace is created in protobuf',
    async run({ client, namespace }) {
      const body = envelope('Namespace', field(1, objectMeta(`${namespace}-two`, {})))
      const reply = await client.request('POST', '/api/v1/namespaces', {
        body,
        contentType: protobuf,
      })
      assert.is(reply.status, 201)
      assert.is(at(reply.body, 'metadata/name'), `${namespace}-two`)
      await client.request('DELETE', `/api/v1/namespaces/${namespace}-two`)
    },
  },
  {
    title: 'who accepts protobuf first and JSON second gets an answer',
    async run({ client, path, post }) {
      await post(path('secrets'), secret('a', { x: '1' }), { contentType: protobuf })
      const reply = await client.request('GET', path('secrets', 'a'), {
        accept: `${protobuf},application/json`,
      })
      assert.is(reply.status, 200)
      assert.ok([protobuf, 'application/json'].includes(reply.headers['content-type'] ?? ''))
    },
  },
  {
    title: 'a body that is no protobuf is a BadRequest',
    async run({ path, refused }) {
      await refused(400, 'POST', path('secrets'), { body: 'nonsense', contentType: protobuf })
    },
  },
  {
    title: 'who accepts only what nobody speaks is told NotAcceptable',
    async run({ path, refused }) {
      await refused(406, 'GET', path('secrets'), { accept: 'text/csv' })
    },
  },
  {
    title: 'a body in YAML is read',
    async run({ path, post }) {
      const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "1"}\n'
      const made = await post(path('configmaps'), body, { contentType: 'application/yaml' })
      assert.equal(at(made, 'data'), { x: '1' })
    },
  },
]
