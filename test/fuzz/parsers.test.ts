// Every parser of what others write, fed with nonsense: it answers or refuses in its own words, and what it answers is of bounded
// extent. Twenty seconds in all; FUZZ_SECONDS says how long it may take instead, FUZZ_SEED begins where another run did.
import { Buffer } from 'node:buffer'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { packTar } from 'modern-tar'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { readArchive } from '../../lib/edge/source/archive.ts'
import { readChartCrds } from '../../lib/helm/chart-crds.ts'
import { fileDependencies, readChart } from '../../lib/helm/chart.ts'
import { chooseVersion, parseConstraint, satisfies } from '../../lib/helm/constraint.ts'
import { findCredentials } from '../../lib/helm/dockerconfig.ts'
import { decodeValues } from '../../lib/helm/document.ts'
import { isIgnored, parseIgnore } from '../../lib/helm/ignore.ts'
import { readItems } from '../../lib/helm/index-items.ts'
import { parseIndex, readScan, scanIndex } from '../../lib/helm/index.ts'
import { manifestRefs } from '../../lib/helm/manifest.ts'
import { decodeDryRun, decodeManifest } from '../../lib/helm/rendered.ts'
import { parseRepositories } from '../../lib/helm/repositories.ts'
import { readArchiveDigest, readTags, readToken } from '../../lib/helm/registry.ts'
import { decodeRelease, encodeRecord, statusPatch } from '../../lib/helm/storage.ts'
import { upgradePatch } from '../../lib/helm/three-way.ts'
import type { Json, JsonObject } from '../../lib/model/json.ts'
import { secretTexts } from '../../lib/plan/secret-texts.ts'
import { canonicalJson } from '../../lib/util/digest.ts'
import { isSameJson } from '../../lib/util/equal.ts'
import { explainExtent } from '../../lib/util/extent.ts'
import { createRedactor } from '../../lib/util/redact.ts'
import { isMap } from '../../lib/util/merge.ts'
import { spliceMember } from '../../lib/util/splice.ts'
import { parseYaml } from '../../lib/util/yaml.ts'
import { damaged, jsonText, yamlText } from './documents.ts'

const test = suite('fuzz')

const chartYaml =
  'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- name: a\n  version: 1.x\n  repository: file://../a\n'
const valuesYaml =
  'a: &x {b: [1, 2.5, "x"]}\nc: *x\nd: |\n  text\n  more\ne:\n  - f: yes\n    g: 0x1F\n'
const indexYaml =
  'apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    created: "2026-01-01T00:00:00Z"\n    urls:\n    - https://x/web.tgz\n    digest: abc\n  other: []\n'
const manifest =
  '---\n# Source: x\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: b\n---\nkind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: x}}\n'
const record = JSON.stringify({
  info: { status: 'deployed', description: 'x', last_deployed: '2026-01-01T00:00:00Z' },
  chart: {
    metadata: { name: 'web', version: '1.0.0' },
    values: { a: 1 },
    templates: [{ name: 'x', data: 'eA==' }],
  },
  config: { a: { b: [1, 'x'] } },
  hooks: [{ events: ['pre-install'] }],
  manifest,
})
const bytes = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text))
const textOf = (honest: string): fc.Arbitrary<string> =>
  fc.oneof(
    yamlText,
    jsonText,
    damaged(bytes(honest)).map((buffer) => buffer.toString()),
  )

function secretOf(release: string) {
  const labels = { owner: 'helm', name: 'web', version: '1', status: 'deployed' }
  const metadata = { name: 'sh.helm.release.v1.web.v1', namespace: 'shop', uid: 'u', labels }
  return { apiVersion: 'v1', kind: 'Secret', metadata, data: { release } }
}

// Refusals in our own words; anything else is a bug.
function refused(error: unknown): void {
  assert.instance(error, Error)
  const bugs = [TypeError, RangeError, ReferenceError, SyntaxError]
  assert.ok(!bugs.some((bug) => error instanceof bug), (error as Error).stack)
  assert.not.match((error as Error).message, /call stack|undefined|\[object/)
}

function attempt<T>(run: () => T, check: (result: T) => void = () => {}): void {
  let result: T
  try {
    result = run()
  } catch (error) {
    return refused(error)
  }
  check(result)
}

const bounded = (value: unknown): void => assert.is(explainExtent(value), undefined)

const sync: [what: string, property: fc.IProperty<[never]> | fc.IRawProperty<unknown>][] = [
  [
    'parseYaml()',
    fc.property(textOf(valuesYaml), (text) => attempt(() => parseYaml(text), bounded)),
  ],
  [
    'decodeValues()',
    fc.property(
      fc.oneof(
        damaged(bytes(valuesYaml, record)),
        yamlText.map((text) => Buffer.from(text)),
      ),
      (text) => attempt(() => decodeValues(text), bounded),
    ),
  ],
  [
    'readChart()',
    fc.property(textOf(chartYaml), textOf(valuesYaml), (chart, values) => {
      const files = [
        { path: 'Chart.yaml', content: Buffer.from(chart) },
        { path: 'values.yaml', content: Buffer.from(values) },
        { path: 'requirements.yaml', content: Buffer.from(values) },
        { path: 'templates/a.yaml', content: Buffer.from(values) },
      ]
      attempt(
        () => readChart(files, 'x'),
        ({ chart: { values: read } }) => bounded(read),
      )
      assert.ok(Array.isArray(fileDependencies('Chart.yaml', chart)))
    }),
  ],
  [
    'readChartCrds(), with subcharts of the same files',
    fc.property(textOf(chartYaml), textOf(valuesYaml), fc.jsonValue(), (chart, text, values) => {
      const files = ['', 'charts/a/', 'charts/b.tgz/', 'charts/a/charts/a/'].flatMap((at) => [
        { path: `${at}Chart.yaml`, content: Buffer.from(chart) },
        { path: `${at}values.yaml`, content: Buffer.from(text) },
        { path: `${at}crds/a.yaml`, content: Buffer.from(text) },
      ])
      const given = isMap(values) ? (values as JsonObject) : {}
      attempt(
        () => readChartCrds(files, { values: given, what: 'x' }),
        (objects) => assert.ok(objects.every(({ metadata }) => metadata.name !== '')),
      )
    }),
  ],
  [
    'scanIndex(), whatever the chunks',
    fc.property(textOf(indexYaml), fc.integer({ min: 1, max: 50 }), (text, size) => {
      const whole = scanIndex(['web'])
      whole.push(Buffer.from(text))
      const inChunks = scanIndex(['web'])
      const buffer = Buffer.from(text)
      for (let at = 0; at < buffer.length; at += size)
        if (!inChunks.push(buffer.subarray(at, at + size))) break
      assert.equal(readScan(inChunks), readScan(whole))
      assert.ok(['index', 'invalid'].includes(parseIndex(text, ['web']).kind))
    }),
  ],
  [
    'readItems() says what the parser of YAML says',
    fc.property(
      damaged(bytes('-\n version: 1.0.0\n urls:\n - a\n - "b c"\n-\n version: \'2\'\n')),
      (buffer) => {
        const text = buffer.toString()
        const items = readItems(text)
        if (items === undefined) return
        const read: unknown = parse(text, { schema: 'failsafe', logLevel: 'silent' })
        assert.equal(normal(items), normal((read ?? []) as Json))
      },
    ),
  ],
  [
    'manifestRefs()',
    fc.property(textOf(manifest), (text) =>
      attempt(() => manifestRefs({ manifest: text, namespace: 'shop' })),
    ),
  ],
  [
    'decodeManifest() and upgradePatch()',
    fc.property(textOf(manifest), textOf(manifest), textOf(manifest), (...texts) =>
      attempt(
        () => texts.map((text) => decodeManifest(text).objects),
        ([before = [], wanted = [], live = []]) => {
          for (const { object } of [...before, ...wanted, ...live]) bounded(object)
          const [first, second, third] = [before, wanted, live].map(
            ([one]) => (one?.object ?? {}) as JsonObject,
          )
          const sides = { before: first, wanted: second!, live: third! }
          attempt(() => upgradePatch(sides), bounded)
        },
      ),
    ),
  ],
  [
    'decodeDryRun()',
    fc.property(fc.oneof(damaged(bytes(record)).map(String), jsonText), (answer) =>
      attempt(() => decodeDryRun(answer)),
    ),
  ],
  [
    'decodeRelease()',
    fc.property(
      fc.oneof(
        damaged(bytes(record)).map((buffer) => encodeRecord(buffer.toString())),
        damaged(bytes(encodeRecord(record))).map(String),
        jsonText.map(encodeRecord),
      ),
      (release) => {
        attempt(
          () => decodeRelease(secretOf(release)),
          ({ config }) => bounded(config),
        )
        attempt(() => statusPatch(secretOf(release), { status: 'failed', description: 'x', at: 0 }))
      },
    ),
  ],
  [
    'spliceMember() changes one member only',
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (object, value) => {
      const spliced = spliceMember(JSON.stringify({ ...object, info: 1 }), 'info', () =>
        JSON.stringify(value),
      )
      assert.equal(JSON.parse(spliced!), JSON.parse(JSON.stringify({ ...object, info: value })))
    }),
  ],
  [
    'parseConstraint() and chooseVersion()',
    fc.property(
      fc
        .array(
          fc.constantFrom(
            ...'0 1 2 10 . - + x * v ^ ~ > < = ! , || rc alpha \u00a0'.split(' '),
            ' ',
          ),
        )
        .map((words) => words.join('')),
      (text) => {
        const constraint = parseConstraint(text)
        if (constraint) assert.type(satisfies(text, constraint), 'boolean')
        chooseVersion([{ version: '1.2.3' }, { version: text }, { version: '2.0.0-rc.1' }], text)
      },
    ),
  ],
  [
    'parseIgnore()',
    fc.property(
      fc
        .array(
          fc.constantFrom('a', '/', '*', '**', '?', '[', ']', '^', '!', '\\', '#', '\n', '.', '-'),
        )
        .map((words) => words.join('')),
      (text) => {
        attempt(() => isIgnored('a/b/c.txt', parseIgnore(text)))
      },
    ),
  ],
  [
    'parseRepositories()',
    fc.property(textOf('repositories:\n- name: a\n  url: https://x\n'), (text) =>
      attempt(() => parseRepositories(text)),
    ),
  ],
  [
    'findCredentials()',
    fc.property(textOf('{"auths":{"x":{"auth":"YTpi"}}}'), (text) =>
      attempt(() => findCredentials(text, 'x')),
    ),
  ],
  [
    'readTags(), readArchiveDigest() and readToken()',
    fc.property(textOf('{"tags":["1"],"layers":[{"mediaType":"x"}],"token":"t"}'), (text) =>
      attempt(() => [readTags(text), readArchiveDigest(text), readToken(text)]),
    ),
  ],
  [
    'canonicalJson() and isSameJson() agree',
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const copy: unknown = JSON.parse(JSON.stringify(a))
      assert.ok(isSameJson(a, copy))
      assert.is(canonicalJson(a), canonicalJson(copy))
      assert.is(isSameJson(a, b), canonicalJson(a) === canonicalJson(b))
    }),
  ],
  [
    'createRedactor() leaves nothing of a secret, however it is written',
    fc.property(
      fc.string({ minLength: 9, maxLength: 40, unit: 'grapheme' }),
      fc.string({ maxLength: 40 }),
      fc.string({ maxLength: 40 }),
      (secret, before, after) => {
        const text = secret.trim()
        fc.pre(
          text.length >= 9 &&
            !/^[a-z\d]+(?:[-._ ][a-z]+)*$/i.test(text) &&
            !text.includes('*') &&
            !text.includes('\\'),
        )
        const redact = createRedactor([secret])
        for (const written of [
          text,
          JSON.stringify(text).slice(1, -1),
          encodeURIComponent(Buffer.from(text).toString()),
          Buffer.from(`me:${text}`).toString('base64'),
          Buffer.from(text).toString('hex'),
        ]) {
          const shown = redact(`${before} ${written} ${after}`)
          if (!`${before} ${after}`.includes(written)) assert.ok(!shown.includes(written), written)
        }
      },
    ),
  ],
  [
    'secretTexts() finds what a document calls a password',
    fc.property(
      fc.jsonValue(),
      fc.string({ minLength: 8, unit: fc.constantFrom(...'abcxyz') }),
      (rest, password) => {
        const document = { a: [{ rest, password }] } as Json
        assert.ok(secretTexts(document).includes(password))
      },
    ),
  ],
]

// An empty list of URLs is written with nothing behind the colon.
function normal(items: Json): Json {
  return (Array.isArray(items) ? items : []).map((item) => {
    const { urls, ...rest } = (item ?? {}) as { urls?: Json }
    return Array.isArray(urls) && urls.length > 0 ? { ...rest, urls } : rest
  })
}

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const properties = sync.length + 1
const eachMs = (Number(process.env.FUZZ_SECONDS ?? 20) * 1_000) / properties
// Time is what is limited; the count only keeps a quick property from running for ever.
const limits = { seed, interruptAfterTimeLimit: eachMs, numRuns: 1_000_000_000, endOnFailure: true }

for (const [what, property] of sync)
  test(`${what} (seed ${seed})`, () => {
    const { failed, numRuns, errorInstance, counterexample, counterexamplePath } = fc.check(
      property as fc.IProperty<unknown>,
      limits,
    )
    process.stdout.write(`${what}: ${numRuns} runs\n`)
    assert.ok(
      !failed,
      `seed ${seed}, path ${counterexamplePath}, with ${JSON.stringify(counterexample)}: ${String((errorInstance as Error | undefined)?.stack)}`,
    )
    assert.ok(numRuns > 0, 'it never ran')
  })

test(`readArchive() (seed ${seed})`, async () => {
  const entry = (name: string, body: string) => ({ header: { name, size: body.length }, body })
  const tar = Buffer.from(
    await packTar([
      entry('web/Chart.yaml', chartYaml),
      entry('web/templates/a.yaml', manifest),
      entry(`web/${'long/'.repeat(40)}a`, 'x'),
    ]),
  )
  const packed = gzipSync(tar)
  assert.equal(gunzipSync(packed), tar)
  const directory = await mkdtemp(join(tmpdir(), 'fuzz-'))
  const path = join(directory, 'x.tgz')
  const archives = fc.oneof(
    damaged([packed]),
    damaged([tar]).map((one) => gzipSync(one)),
  )
  try {
    const { failed, numRuns, errorInstance } = await fc.check(
      fc.asyncProperty(archives, async (archive) => {
        await writeFile(path, archive)
        const read = await readArchive(path, 'x').catch(refused)
        for (const file of read?.files ?? []) assert.ok(!/^\/|(?:^|\/)\.\.(?:\/|$)/.test(file.path))
      }),
      limits,
    )
    process.stdout.write(`readArchive(): ${numRuns} runs\n`)
    assert.ok(!failed, `seed ${seed}: ${String((errorInstance as Error | undefined)?.stack)}`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test.run()
