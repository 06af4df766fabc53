import { Buffer } from 'node:buffer'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../lib/edge/exec.ts'
import { decodeValues } from '../../lib/helm/document.ts'
import { testBinaries } from '../helpers/binaries.ts'

const test = suite('decodeValues()')

for (const [what, document, expected] of [
  ['YAML 1.1 booleans and octals', 'a: yes\nb: off\nc: 010\n', { a: true, b: false, c: 8 }],
  ['the first of several documents', 'a: 1\n---\na: 2\n', { a: 1 }],
  ['an empty document', '', {}],
  ['a document of comments', '# nothing\n---\n# either\n', {}],
  ['null', 'null\n', {}],
  ['JSON', ' {"a": {"b": [1, null, "yes"]}} ', { a: { b: [1, null, 'yes'] } }],
  ['numbers too large for JSON', '{"a": 1E400, "b": 1e3}', { a: '1E400', b: 1000 }],
  ['YAML that begins like JSON', '{a: yes}', { a: true }],
  ['bytes', Buffer.from('a: é'), { a: 'é' }],
  ['a byte order mark', Buffer.from('\ufeffa: 1'), { a: 1 }],
  ['characters beyond the first plane', 'a: 😀', { a: '😀' }],
  ['an explicit null', 'a: ~\n', { a: null }],
] as const) {
  test(`reads ${what}`, () => assert.equal(decodeValues(document), expected))
}

for (const [what, document, says] of [
  ['bytes that are no text', Buffer.from('hunter2: \xff\xfe', 'latin1'), /binary/],
  ['control characters', 'a: 1\nb: hunter2\u0000\n', /line 2/],
  ['broken YAML', 'a: "hunter2', /line 1/],
  ['broken JSON', '{"a": "hunter2"', /YAML/],
  ['a list', '- hunter2\n', /mapping/],
  ['a list in JSON', '["hunter2"]', /mapping/],
  ['a text', 'hunter2\n', /mapping/],
  ['a number', '5\n', /mapping/],
] as const) {
  test(`refuses ${what} and quotes nothing`, () => {
    assert.throws(
      () => decodeValues(document),
      (error: Error) => says.test(error.message) && !/hunter2/.test(String(error.stack)),
    )
  })
}

/** What Helm 3 makes of a document, which is what fluxcd/helm-operator made of it. */
async function asHelm(document: string): Promise<unknown> {
  const { helm3 } = await testBinaries()
  const chart = await mkdtemp(join(tmpdir(), 'document-'))
  try {
    await mkdir(join(chart, 'templates'))
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: echo\nversion: 1.0.0\n')
    const template = 'echo: {{ .Values | toJson | b64enc | quote }}\n'
    await writeFile(join(chart, 'templates/echo.yaml'), template)
    await writeFile(join(chart, 'document'), document)
    const run = createRunner({ env: process.env })
    const { stdout } = await run([helm3, 'template', chart, '--values', join(chart, 'document')])
    const encoded = /echo: "(.*)"/.exec(stdout)?.[1] ?? ''
    return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
  } finally {
    await rm(chart, { recursive: true })
  }
}

// Null is left out: Helm takes it for the wish to have no such value.
const words =
  `yes No on OFF y N TRUE tRue 012 -012 08 0o14 0O14 0b101 0B1 0b2 0x1F 0X_1f 1_000 _1 1__0 . .. -. e3 .e3 1e3 1E+3 1e 1.
  .5 ._5 .5_0 +.5 1.2.3 1.10 1e400 1e1_0 9007199254740993 18446744073709551616 0x10000000000000000 0_ 12:30 190:20:30.15 2001-12-14
  1Gi 50m inf nan v1.10 =`.split(/\s+/)

test('reads every word as Helm 3 does', async () => {
  const lines = words.flatMap((word, n) => [`word${n}: ${word}`, `list${n}: [x, ${word}]`])
  const document = `${lines.join('\n')}\n`
  assert.equal(decodeValues(document), await asHelm(document))
})

for (const [what, document] of [
  ['keys', 'a: {yes: 1, 012: 2, 1.10: 3, 1e6: 4, 9007199254740993: 5, 0x1F: 6, "7": 7, .inf: 8}\n'],
  ['merges', 'a: &a {x: 1, y: 1}\nb: {x: 2, <<: *a, y: 2}\nc: {<<: [{x: 3}, *a], "<<": 4}\n'],
  ['lines that stand anywhere', 'a: [\n1,\n{b: "x\n\ny\nz"\n}\n]\nc: "d\ne"\n'],
  ['a block without an end', 'a: |\n  x\nb:\n  - >\n    y\n    z'],
] as const) {
  test(`reads ${what} as Helm 3 does`, async () => {
    assert.equal(decodeValues(document), await asHelm(document))
  })
}

test('reads a megabyte of JSON', () => {
  const values = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, n) => [`name-${n}`, { text: 'x'.repeat(80), n }]),
  )
  assert.equal(decodeValues(JSON.stringify(values)), values)
})

test.run()
