// Whatever stands in a spec, decoding answers: every field in turn is set to everything it cannot be.
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { codecFor } from '../../lib/api/codec.ts'
import type { KubeObject } from '../../lib/model/json.ts'

const test = suite('a mistake in a spec')
const strange = [null, 0, -1, 1.5, 1e300, '', 'text', true, [], [null], {}, { a: 1 }, [[{}]]]

type Path = (string | number)[]

async function everyField(): Promise<KubeObject> {
  const file = new URL('../fixtures/everyfield.yaml', import.meta.url)
  return parse(await readFile(file, 'utf8')) as KubeObject
}

function pathsOf(value: unknown, at: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inside = Object.entries(value).flatMap(([name, member]) =>
    pathsOf(member, [...at, Array.isArray(value) ? Number(name) : name]),
  )
  return [at, ...inside]
}

function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by
  const members = value as Record<string | number, unknown>
  const changed = replaced(members[first], rest, by)
  return Array.isArray(value)
    ? value.map((item, index) => (index === first ? changed : item))
    : { ...members, [first]: changed }
}

test('never throws, and leaves names and other fields as they are', async () => {
  const object = await everyField()
  const codec = codecFor('helm.fluxcd.io')!
  const right = codec.decode(object)
  const paths = pathsOf(object['spec'], [])
  assert.ok(paths.length > 60)
  for (const path of paths) {
    for (const by of strange) {
      const release = codec.decode({ ...object, spec: replaced(object['spec'], path, by) })
      assert.equal(release.key, right.key)
      assert.equal(release.owner, right.owner)
      if (path[0] !== 'rollback' && path.length > 0)
        assert.equal(release.rollback, right.rollback, `${path.join('.')}: ${String(by)}`)
      for (const ms of [release.timeoutMs, release.test.timeoutMs, release.rollback.timeoutMs])
        assert.ok(ms > 0 && ms < 2 ** 31)
    }
  }
})

test('of the wrong type always stops the release; a missing option never does', async () => {
  const object = await everyField()
  const codec = codecFor('helm.fluxcd.io')!
  const sourceOf = (path: Path, by: unknown): string =>
    codec.decode({ ...object, spec: replaced(object['spec'], path, by) }).source.kind
  const options = [['timeout'], ['wait'], ['rollback', 'retry'], ['valuesFrom', 0, 'secretKeyRef']]
  for (const path of options) {
    assert.is(sourceOf(path, [1]), 'invalid', path.join('.'))
    assert.is(sourceOf(path, null), 'git', path.join('.'))
  }
})

for (const [what, values, why] of [
  ['nested 4,000 levels deep', nested(4_000), 'is nested more than 200 levels deep'],
  ['of 100,000 items', { list: Array(100_000).fill(1) }, 'has more than 50,000 values'],
] as const)
  test(`values ${what} stop the release with a sentence, and everything else is read`, async () => {
    const object = await everyField()
    const codec = codecFor('helm.fluxcd.io')!
    const spec = object['spec'] as object
    const {
      source,
      values: read,
      releaseName,
    } = codec.decode({ ...object, spec: { ...spec, values } })
    assert.equal(source, { kind: 'invalid', why: `spec.values ${why}: make it smaller` })
    assert.equal(read.inline, {})
    assert.is(releaseName, codec.decode(object).releaseName)
  })

function nested(levels: number): object {
  let value = {}
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}

test.run()
