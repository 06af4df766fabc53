// The other side of work.ts: what is measured, and with which input.
import { Buffer } from 'node:buffer'
import { Session } from 'node:inspector/promises'
import { parentPort } from 'node:worker_threads'

type Run = (size: number) => Promise<() => unknown>

const ones = (size: number): string => `l: [${'1,'.repeat(size)}]`
const keys = (size: number): string => Array.from({ length: size }, (_, n) => `k${n}: v`).join('\n')
const secrets = (size: number): string[] =>
  Array.from({ length: size }, (_, n) => `all-begin-alike-${String(n).padStart(6, '0')}`)

const yaml =
  (text: (size: number) => string): Run =>
  async (size) => {
    const { parseYaml } = await import('../../lib/util/yaml.ts')
    return () => parseYaml(text(size))
  }

/** Everything that must be linear, by a name for it. */
export const subjects: Readonly<Record<string, Run>> = {
  'parseYaml(): empty lines': yaml((size) => `${'\n'.repeat(size)}a: 1${'\n'.repeat(size)}b: 2`),
  'parseYaml(): lines': yaml((size) => keys(size)),
  'parseYaml(): a flow': yaml(ones),
  'parseYaml(): comments': yaml((size) => `${'# x\n'.repeat(size)}a: 1`),
  'parseYaml(): documents': yaml((size) => 'a: 1\n---\n'.repeat(size)),
  'readChart(): lines of values.yaml': async (size) => {
    const { readChart } = await import('../../lib/helm/chart.ts')
    const content = (text: string): Buffer => Buffer.from(text)
    const files = [
      { path: 'Chart.yaml', content: content('name: a\nversion: 1.0.0') },
      { path: 'values.yaml', content: content(keys(size)) },
    ]
    return () => readChart(files, 'x')
  },
  'readScan(): versions': async (size) => {
    const { readScan, scanIndex } = await import('../../lib/helm/index.ts')
    const item = (n: number): string => `  - version: 1.0.${n}\n    urls:\n    - a.tgz\n`
    const text = `entries:\n  web:\n${Array.from({ length: size }, (_, n) => item(n)).join('')}`
    return () => {
      const scan = scanIndex(['web'])
      scan.push(Buffer.from(text))
      return readScan(scan)
    }
  },
  'parseIndex(): a flow': async (size) => {
    const { parseIndex } = await import('../../lib/helm/index.ts')
    const text = `{entries: {web: [${'{version: 1.0.0},'.repeat(size)}]}}`
    return () => parseIndex(text, ['web'])
  },
  'chooseVersion()': async (size) => {
    const { chooseVersion } = await import('../../lib/helm/constraint.ts')
    const offers = Array.from({ length: size }, (_, n) => ({ version: `1.0.${n}` }))
    return () => chooseVersion(offers, '>=1.0.0')
  },
  'SecretBook.know()': async (size) => {
    const { SecretBook } = await import('../../lib/util/secrets.ts')
    return () => new SecretBook().know('a', secrets(size))
  },
  'SecretBook.redact(): a longer text': async (size) => {
    const { SecretBook } = await import('../../lib/util/secrets.ts')
    const book = new SecretBook()
    book.know('a', secrets(2_000))
    const text = 'all-begin-alike-00000x all-begin-alike-000001 '.repeat(size / 20)
    return () => book.redact(text)
  },
  'manifestRefs()': async (size) => {
    const { manifestRefs } = await import('../../lib/helm/manifest.ts')
    const manifest = Array.from(
      { length: size },
      (_, n) => `---\napiVersion: v1\nkind: A\nmetadata:\n  name: a${n}\n`,
    ).join('')
    return () => manifestRefs({ manifest, namespace: 'a' })
  },
  'decodeManifest()': async (size) => {
    const { decodeManifest } = await import('../../lib/helm/rendered.ts')
    const manifest = Array.from(
      { length: size / 10 },
      (_, n) => `---\napiVersion: v1\nkind: A\nmetadata:\n  name: a${n}\n`,
    ).join('')
    return () => decodeManifest(manifest)
  },
  'upgradePatch()': async (size) => {
    const { upgradePatch } = await import('../../lib/helm/three-way.ts')
    const side = (value: number) => ({
      list: Array.from({ length: size }, (_, n) => ({ name: `a${n}`, value })),
    })
    return () => upgradePatch({ before: side(1), wanted: side(2), live: side(3) })
  },
  'canonicalJson()': async (size) => {
    const { canonicalJson } = await import('../../lib/util/digest.ts')
    const value = { list: Array.from({ length: size }, (_, n) => ({ n })) }
    return () => canonicalJson(value)
  },
}

/** Work for as many secrets as are known must not depend on their number at all. */
export const constants: Readonly<Record<string, Run>> = {
  'SecretBook.redact(): more secrets': async (size) => {
    const { SecretBook } = await import('../../lib/util/secrets.ts')
    const book = new SecretBook()
    book.know('a', secrets(size))
    const text = 'all-begin-alike-00000x all-begin-alike-000001 '.repeat(20)
    return () => book.redact(text)
  },
}

parentPort?.on('message', (sizes: readonly number[]) => {
  void measureAll(sizes).then((counts) => parentPort?.postMessage(counts))
})

async function measureAll(sizes: readonly number[]): Promise<Record<string, number[]>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const counts: Record<string, number[]> = {}
  for (const [name, prepare] of Object.entries({ ...subjects, ...constants })) {
    counts[name] = []
    for (const size of sizes) counts[name].push(await measure(session, await prepare(size)))
  }
  session.disconnect()
  return counts
}

async function measure(session: Session, run: () => unknown): Promise<number> {
  // What has been counted until now is forgotten.
  await session.post('Profiler.takePreciseCoverage')
  run()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const ranges = result
    .filter(({ url }) => !url.startsWith('node:'))
    .flatMap(({ functions }) => functions.flatMap((one) => one.ranges))
  return ranges.reduce((sum, { count }) => sum + count, 0)
}
