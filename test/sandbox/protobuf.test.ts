// Objects that arrive as protobuf, as helm and client-go write them.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { createProtobufDecoder } from '../../lib/sandbox/protobuf.ts'
import { entry, envelope, message, varint } from '../helpers/protobuf.ts'

const test = suite('createProtobufDecoder()')
const decode = createProtobufDecoder()

function decodeProtobuf(body: Buffer): { [field: string]: unknown } {
  return decode(body, (_, kind) => builtinDefinitions().find((one) => one.kind === kind)?.schema)
}

test('a Secret comes with its labels, its data as base64 and its type', () => {
  const metadata = message(
    [1, 'sh.helm.release.v1.web.v1'],
    [2, ''],
    [3, 'shop'],
    [5, ''],
    [7, 0],
    [8, ''],
    [11, entry('owner', 'helm')],
    [11, entry('version', '1')],
  )
  const secret = message(
    [1, metadata],
    [2, entry('release', Buffer.from([0, 255, 128]))],
    [3, 'helm.sh/release.v1'],
  )
  const { metadata: meta, ...rest } = decodeProtobuf(envelope('Secret', secret))
  assert.equal(rest, {
    kind: 'Secret',
    apiVersion: 'v1',
    data: { release: 'AP+A' },
    type: 'helm.sh/release.v1',
  })
  assert.equal(meta, {
    name: 'sh.helm.release.v1.web.v1',
    generateName: '',
    namespace: 'shop',
    uid: '',
    generation: 0,
    creationTimestamp: null,
    labels: { owner: 'helm', version: '1' },
  })
})

test('an empty value of a map is an empty text', () => {
  const configMap = message([2, message([1, 'empty'])], [2, entry('full', 'x')])
  const { data } = decodeProtobuf(envelope('ConfigMap', configMap))
  assert.equal(data, { empty: '', full: 'x' })
})

test('DeleteOptions come with policy and preconditions', () => {
  const raw = message([1, 0], [2, message([1, 'uid-1'])], [4, 'Background'], [5, 'All'])
  assert.equal(decodeProtobuf(envelope('DeleteOptions', raw)), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds: 0,
    preconditions: { uid: 'uid-1' },
    propagationPolicy: 'Background',
    dryRun: ['All'],
  })
})

test('a negative number is read as such', () => {
  const minusOne = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
  const raw = Buffer.concat([varint(1 << 3), minusOne])
  assert.is(decodeProtobuf(envelope('DeleteOptions', raw))['gracePeriodSeconds'], -1)
})

for (const [what, body] of [
  ['without the magic bytes', Buffer.from('{"kind":"Secret"}')],
  ['cut off', envelope('Secret', message([1, message([1, 'name'])])).subarray(0, -6)],
] as const) {
  test(`a body ${what} is refused as a bad request`, () => {
    try {
      decodeProtobuf(body)
      assert.unreachable('it was accepted')
    } catch (error) {
      assert.is((error as { code?: number }).code, 400)
    }
  })
}

test('nested messages, lists, quantities, numbers or texts and inlined fields come as in JSON', () => {
  const limits = message([1, entry('cpu', message([1, '100m']))])
  const probe = message([
    1,
    message([2, message([1, '/healthz'], [2, message([1, 1], [3, 'http'])])]),
  ])
  const volume = message([1, 'v'], [2, message([19, message([1, message([1, 'settings'])])])])
  const main = message([1, 'main'], [4, '--a'], [4, '--b'], [8, limits], [10, probe])
  const { spec } = decodeProtobuf(envelope('Pod', message([2, message([1, volume], [2, main])])))
  assert.equal(spec, {
    volumes: [{ name: 'v', configMap: { name: 'settings' } }],
    containers: [
      {
        name: 'main',
        args: ['--a', '--b'],
        resources: { limits: { cpu: '100m' } },
        livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      },
    ],
  })
})

test('a CustomResourceDefinition comes with its schema, as typed clients send it', () => {
  const json = (value: unknown): Buffer => message([1, JSON.stringify(value)])
  const size = message([5, 'integer'], [8, json(3)], [15, ''], [18, 0], [38, 0])
  const names = message([5, 'array'], [24, message([1, message([5, 'string'])])], [42, 'set'])
  const free = message([5, 'object'], [30, message([1, 1], [2, message([5, 'boolean'])])])
  const rule = message([1, 'self.size > 1'], [2, 'too small'], [6, 1])
  const schema = message(
    [5, 'object'],
    [23, 'size'],
    [29, entry('size', size)],
    [29, entry('names', names)],
    [29, entry('free', free)],
    [44, rule],
    [20, json('a')],
  )
  const version = message(
    [1, 'v1'],
    [2, 1],
    [3, 1],
    [4, message([1, schema])],
    [5, message([1, ''])],
  )
  const spec = message(
    [1, 'example.test'],
    [3, message([1, 'widgets'], [4, 'Widget'])],
    [4, 'Namespaced'],
    [7, version],
  )
  const crd = decodeProtobuf(
    envelope(
      'CustomResourceDefinition',
      message([1, message([1, 'widgets.example.test'])], [2, spec]),
    ),
  )
  assert.equal(crd['spec'], {
    group: 'example.test',
    names: { plural: 'widgets', kind: 'Widget' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['size'],
            properties: {
              size: { type: 'integer', default: 3 },
              names: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
              free: { type: 'object', additionalProperties: { type: 'boolean' } },
            },
            'x-kubernetes-validations': [
              { rule: 'self.size > 1', message: 'too small', optionalOldSelf: true },
            ],
            enum: ['a'],
          },
        },
        subresources: { status: {} },
      },
    ],
  })
})

test('a kind whose message is not known must come as JSON', () => {
  try {
    decodeProtobuf(envelope('Widget', Buffer.alloc(0)))
    assert.unreachable('it was accepted')
  } catch (error) {
    assert.is((error as { code?: number }).code, 415)
  }
})

test.run()
