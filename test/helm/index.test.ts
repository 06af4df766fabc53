import { Buffer } from 'node:buffer'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { readItems } from '../../lib/helm/index-items.ts'
import { parseIndex, readScan, scanIndex, type IndexReading } from '../../lib/helm/index.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const digest = 'd'.repeat(64)

const usual = `apiVersion: v1
entries:
  alpine:
  - apiVersion: v2
    created: "2024-01-01T00:00:00Z"
    description: "quoted: and then some\\n version: 9.9.9"
    name: alpine
    urls:
    - https://example.test/alpine-0.1.0.tgz
    version: 0.1.0
  podinfo:
  - annotations:
      images: |
        - version: 7.7.7
          urls: nowhere

        podinfo:
    apiVersion: v2
    created: "2024-02-01T00:00:00Z"
    dependencies:
    - name: redis
      version: 1.x
    description: Folded text that goes on
      and on
    digest: ${digest}
    name: podinfo
    urls:
    - charts/podinfo-6.1.0.tgz
    - https://mirror.test/podinfo-6.1.0.tgz
    version: 6.1.0
  - created: "2023-02-01T00:00:00Z"
    name: podinfo
    version: "6.0.0"
    urls: ["podinfo-6.0.0.tgz"]
  empty: []
  zebra:
  - version: 1.0.0
generated: "2024-03-01T00:00:00Z"
`
const podinfo = [
  {
    version: '6.1.0',
    urls: ['charts/podinfo-6.1.0.tgz', 'https://mirror.test/podinfo-6.1.0.tgz'],
    created: '2024-02-01T00:00:00Z',
    digest,
  },
  { version: '6.0.0', urls: ['podinfo-6.0.0.tgz'], created: '2023-02-01T00:00:00Z' },
]
const json = JSON.stringify({
  apiVersion: 'v1',
  entries: { podinfo, alpine: [{ version: '0.1.0' }], empty: [], zebra: [] },
})

function scan(text: string, charts: string[], chunkBytes = 1_000): IndexReading {
  const scanning = scanIndex(charts)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkBytes)
    if (!scanning.push(bytes.subarray(at, at + chunkBytes))) break
  return readScan(scanning)
}

function charts(reading: IndexReading): unknown {
  assert.is(reading.kind, 'index')
  return reading.kind === 'index' ? Object.fromEntries(reading.index.charts) : undefined
}

const test = suite('repository index')

for (const [form, text] of [
  ['as helm repo index writes it', usual],
  ['with Windows line ends', usual.replaceAll('\n', '\r\n')],
  ['with a byte order mark', `\uFEFF${usual}`],
  ['after a document marker and comments', `# ours\n---\n# really\n${usual}`],
  [
    'with comments and blank lines in between',
    usual.replace(/^ {4}(version|urls)/gm, '# x\n\n    $1'),
  ],
  ['with quoted keys', usual.replace('  podinfo:\n', '  "podinfo": # main\n')],
  ['with deeper indentation', usual.replace(/^ +/gm, '$&$&').replace(/^( *)- /gm, '$1-   ')],
  ['with lists indented', usual.replace(/^ {2}(?=- | )/gm, '    ')],
  ['without an end of line at the end', usual.trimEnd()],
  ['with entries last', usual.replace(/^apiVersion.*\n/, '').replace(/^/, 'generated: now\n')],
] as const) {
  test(`the scan and the whole parse agree on an index ${form}`, () => {
    const scanned = scan(text, ['podinfo', 'empty', 'nosuch'])
    assert.equal(charts(scanned), { podinfo, empty: [] })
    assert.equal(scanned, parseIndex(text, ['podinfo', 'empty', 'nosuch']))
  })
}

test('where a chunk ends makes no difference', () => {
  for (const size of [1, 7, 64, 100_000])
    assert.equal(charts(scan(usual, ['podinfo'], size)), { podinfo })
})

test('the names of all charts are known, for near misses', () => {
  const reading = scan(usual, ['nosuch'])
  assert.equal(reading.kind === 'index' && reading.index.names, [
    'alpine',
    'podinfo',
    'empty',
    'zebra',
  ])
})

for (const [form, text] of [
  ['JSON', json],
  ['flow style', `apiVersion: v1\nentries: {podinfo: ${JSON.stringify(podinfo)}}\n`],
  ['an anchor', usual.replace('  podinfo:\n', '  podinfo: &p\n')],
  ['an alias', usual.replace('  zebra:\n  - version: 1.0.0\n', '  zebra: *none\n')],
  [
    'a merge key',
    usual
      .replace(
        '  podinfo:\n  - annotations',
        '  podinfo:\n  - <<: {apiVersion: v2}\n    annotations',
      )
      .replace('\n    apiVersion: v2\n    created: "2024-02', '\n    created: "2024-02'),
  ],
  ['a list item in flow style', usual.replace('  - created: "2023', '  - {}\n  - created: "2023')],
  ['the same chart twice', `${usual.replace(/^generated.*\n/m, '')}  podinfo: []\n`],
  ['tabs', usual.replace('    name: podinfo', '\tname: podinfo')],
] as const) {
  test(`the scan leaves ${form} to the whole parse`, () => {
    assert.is(scan(text, ['podinfo']).kind, 'unusual')
  })
}

test('JSON, flow style and merge keys are read whole', () => {
  assert.equal(charts(parseIndex(json, ['podinfo'])), { podinfo })
  const flow = `entries: {podinfo: ${JSON.stringify(podinfo)}}`
  assert.equal(charts(parseIndex(flow, ['podinfo'])), { podinfo })
  const merged = 'base: &b {version: 1.0.0}\nentries:\n  a:\n  - <<: *b\n    urls: [x]\n'
  assert.equal(charts(parseIndex(merged, ['a'])), { a: [{ version: '1.0.0', urls: ['x'] }] })
})

test('an index without charts is an index', () => {
  for (const text of ['apiVersion: v1\nentries: {}\n', 'entries:\napiVersion: v1\n'])
    assert.equal(charts(scan(text, ['podinfo'])), {})
  assert.equal(charts(parseIndex('apiVersion: v1\n', ['podinfo'])), {})
})

test('an entry that is not as it must be hides nothing but itself', () => {
  const text =
    'entries:\n  a:\n  - version: null\n  - name: a\n  - version: 1.0.0\n    digest: md5\n'
  assert.equal(charts(scan(text, ['a'])), { a: [{ version: '1.0.0', urls: [] }] })
})

for (const [what, text, why] of [
  ['a web page', '\n <!DOCTYPE html><html>', 'it is a web page'],
  ['a web page on one endless line', `<html>${'x'.repeat(3_000_000)}`, 'it is a web page'],
  ['an error in JSON', '{"error":"not found"}', 'it has no "entries"'],
  ['plain text', 'Not Found\n', 'it has no "entries"'],
  ['broken YAML', 'entries:\n  a: [\n', 'it is not YAML'],
  ['nothing', '', 'it has no "entries"'],
  [
    'two megabytes of another form',
    `entries: {a: [${'{},'.repeat(700_000)}]}`,
    'it is large and not in the form that "helm repo index" writes',
  ],
] as const) {
  test(`${what} is no index`, () => {
    const scanned = scan(text, ['podinfo'], 65_536)
    assert.equal(scanned.kind === 'unusual' ? parseIndex(text, ['podinfo']) : scanned, {
      kind: 'invalid',
      why,
    })
  })
}

test('sixty megabytes are scanned in bounded memory, and soon', () => {
  const filler = Buffer.from(usual.slice(usual.indexOf('  podinfo:'), usual.indexOf('  empty:')))
  const scanning = scanIndex(['wanted'])
  const before = process.memoryUsage().heapUsed
  const startedAt = performance.now()
  scanning.push(Buffer.from('apiVersion: v1\nentries:\n'))
  for (let bytes = 0, chart = 0; bytes < 60_000_000; bytes += filler.length, chart++)
    scanning.push(Buffer.from(filler.toString().replace('podinfo:', `chart-${chart}:`)))
  scanning.push(Buffer.from('  wanted:\n  - version: 1.0.0\n'))
  const reading = readScan(scanning)
  assert.equal(charts(reading), { wanted: [{ version: '1.0.0', urls: [] }] })
  assert.ok(performance.now() - startedAt < deadlineMs(10_000), 'time')
  assert.ok(process.memoryUsage().heapUsed - before < 200_000_000, 'memory')
})

test('15,000 versions of a chart are read', () => {
  const { kind, ...rest } = readScan(scanned(versions(15_000)))
  assert.is(kind, 'index')
  const [first] = (charts({ kind, ...rest } as IndexReading) as { wanted: unknown[] }).wanted
  assert.equal(first, {
    ...{ version: '1.0.0', created: '2026-01-01T00:00:00Z', urls: ['https://x/a?b#c'] },
  })
})

test('more versions than are compared in passing are refused with a sentence', () => {
  assert.equal(readScan(scanned(versions(20_001))), {
    kind: 'invalid',
    why: 'it lists more than 20,000 versions of chart "wanted"',
  })
})

function versions(count: number): string {
  const item = (index: number): string =>
    `  - version: 1.0.${index}\n    created: "2026-01-01T00:00:00Z"\n    urls:\n    - 'https://x/a?b#c'\n`
  return `entries:\n  wanted:\n${Array.from({ length: count }, (_, index) => item(index)).join('')}`
}

function scanned(text: string) {
  const scanning = scanIndex(['wanted'])
  scanning.push(Buffer.from(text))
  return scanning
}

const items = suite('readItems()')

for (const [block, expected] of [
  ['-\n version: 1.0.0\n urls:\n - a\n - "b c"\n', [{ version: '1.0.0', urls: ['a', 'b c'] }]],
  [
    "-\n version: '1.10'\n-\n urls:\n   - http://x:80/y\n",
    [{ version: '1.10' }, { urls: ['http://x:80/y'] }],
  ],
  ['-\n version: 1.0.0 # so\n', undefined],
  ['-\n version: >-\n   1.0.0\n', undefined],
  ['-\n version: &v 1.0.0\n', undefined],
  ['-\n version: "1.\\x30"\n', undefined],
  ['-\n version: 1\n version: 2\n', undefined],
  ['-\n version:\n', undefined],
  ['-\n urls: [a, b]\n', undefined],
  ['-\n urls:\n - a: b\n', undefined],
  ['-\n version: a\n   b\n', undefined],
] as const)
  items(
    `${expected === undefined ? 'leaves to the parser' : 'reads'}: ${JSON.stringify(block)}`,
    () => {
      assert.equal(readItems(block), expected)
      if (expected !== undefined) assert.equal(parse(block, { schema: 'failsafe' }), expected)
    },
  )

items.run()

test.run()
