import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { Buffer } from 'node:buffer'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../lib/edge/exec.ts'
import { encodeValues } from '../../lib/helm/values.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import { testBinaries } from '../helpers/binaries.ts'

const test = suite('encodeValues()')
const run = createRunner({ env: process.env })

/** What a chart sees of these values, according to both Helms. */
async function readBack(values: JsonObject, defaults = '{}'): Promise<unknown[]> {
  const { helm3, helm4 } = await testBinaries()
  const chart = await mkdtemp(join(tmpdir(), 'values-'))
  try {
    await mkdir(join(chart, 'templates'))
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: echo\nversion: 1.0.0\n')
    await writeFile(join(chart, 'values.yaml'), defaults)
    const template = 'echo: {{ .Values | toJson | b64enc | quote }}\n'
    await writeFile(join(chart, 'templates/echo.yaml'), template)
    await writeFile(join(chart, 'file'), encodeValues(values))
    return await Promise.all(
      [helm3, helm4].map(async (helm) => {
        const { stdout } = await run([helm, 'template', chart, '--values', join(chart, 'file')])
        const encoded = /echo: "(.*)"/.exec(stdout)?.[1] ?? ''
        return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
      }),
    )
  } finally {
    await rm(chart, { recursive: true })
  }
}

for (const [situation, values] of [
  [
    'words that YAML 1.1 takes for something else',
    { words: ['yes', 'No', 'on', 'y', '~', 'null', '<<', '=', '', ' ', '%x', '@a', '`b', '# c'] },
  ],
  [
    'strings that look like numbers or times',
    { strings: ['0o17', '017', '0x1f', '1_000', '1e3', '.inf', '-.5', '12:30:45', '2020-01-01'] },
  ],
  ['keys that look like something else', { yes: 1, 'a.b': { 1: 2, 'a: b': 3, '~': 4, '': 5 } }],
  ['numbers', { n: [0, -1, 1.5, 1e21, 1e-7, 2 ** 53 - 1, 1e300, 0.1], t: true, f: false }],
  ['empty things in lists', { list: [null, {}, [], '', [[]]] }],
  [
    'several lines and control characters',
    { text: 'a\r\n\tb\n\n  c\u0001\u001b\u007f\u0085\u009f' },
  ],
  ['characters of all planes', { text: '😀 ünï 漢字 \u2028\u2029 \ufeff \ufffe\uffff \u200d' }],
  ['text that looks escaped or templated', { text: '\\ud83d \\\\n "\'/ {{ .Values.x }} ${x}' }],
] as const) {
  test(`hands over ${situation}`, async () => {
    const [by3, by4] = await readBack(structuredClone(values) as unknown as JsonObject)
    assert.equal(by3, values)
    assert.equal(by4, values)
  })
}

test('hands over a megabyte of them', async () => {
  const values = Object.fromEntries(
    Array.from({ length: 12_000 }, (_, n) => [`k${n}`, { n, s: 'x'.repeat(60) }]),
  )
  assert.ok(encodeValues(values).length > 1_000_000)
  assert.equal(await readBack(values), [values, values])
})

test('an explicit null removes the chart’s default, as Helm means it', async () => {
  assert.equal(await readBack({ a: null, b: 1 }, 'a: default'), [{ b: 1 }, { b: 1 }])
})

test('half of a surrogate pair becomes the replacement character', async () => {
  const [by3, by4] = await readBack({ text: 'a\ud83d' })
  assert.equal([by3, by4], [{ text: 'a\ufffd' }, { text: 'a\ufffd' }])
})

test.run()
