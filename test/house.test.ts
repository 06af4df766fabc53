// The house rules, enforced: who imports whom, what is pure, how long a file is, what runs on every runtime.
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))
const test = suite('house rules')

const mayImport: Record<string, readonly string[]> = {
  util: [],
  model: ['util'],
  api: ['model', 'util'],
  helm: ['model', 'util'],
  plan: ['model', 'util'],
  edge: ['model', 'helm', 'util'],
  loop: ['model', 'api', 'plan', 'helm', 'util'],
  sandbox: ['util'],
  app: ['util', 'model', 'api', 'helm', 'plan', 'edge', 'loop', 'sandbox'],
  // Packs all of that, so no other folder may import it.
  build: ['util', 'model', 'edge', 'app'],
}
const pure = ['util', 'model', 'api', 'helm', 'plan']
// Time and randomness are injected everywhere but at the rim.
const rim = ['app', 'edge', 'build']
const pureBuiltins = ['node:buffer', 'node:crypto', 'node:events', 'node:zlib', 'node:path']

type Source = { file: string; folder: string; text: string; code: string; imports: string[] }

async function sources(...folders: string[]): Promise<Source[]> {
  const found: Source[] = []
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
      const path = join(entry.parentPath, entry.name)
      found.push(await source(relative(root, path).replaceAll('\\', '/')))
    }
  }
  found.push(await source('operator.ts'))
  return found.sort((a, b) => a.file.localeCompare(b.file))
}

async function source(file: string): Promise<Source> {
  const text = await readFile(join(root, file), 'utf8')
  const imports = [...text.matchAll(/^(?:import|export)\b[^'"]*?from\s+'([^']+)'/gms)]
    .concat(
      [...text.matchAll(/\bimport\(\s*'([^']+)'/g)],
      [...text.matchAll(/^import '([^']+)'/gm)],
    )
    .map((match) => match[1]!)
  const code = text.replace(/\/\/.*$/gm, '').replace(/\/\*.*?\*\//gs, '')
  return { file, folder: file.split('/')[1] ?? '', text, code, imports }
}

function resolved({ file }: Source, specifier: string): string {
  return posix.normalize(posix.join(dirname(file), specifier))
}

function offenders(list: Source[], broken: (source: Source) => string | undefined | false): void {
  const found = list.flatMap((one) => {
    const why = broken(one)
    return why ? [`${one.file}: ${why}`] : []
  })
  assert.equal(found, [])
}

test('every folder imports only the folders below it', async () => {
  offenders(
    (await sources('lib')).filter(({ file }) => file.startsWith('lib/')),
    (one) =>
      one.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolved(one, specifier).split('/')[1]!)
        .find((target) => target !== one.folder && !mayImport[one.folder]?.includes(target)),
  )
})

test('operator.ts imports nothing of ours but lib/app/main.ts', async () => {
  const { imports } = await source('operator.ts')
  assert.equal(imports, ['node:process', './lib/app/main.ts'])
})

test('nothing outside test/ imports test/', async () => {
  offenders(await sources('lib'), (one) =>
    one.imports.find((specifier) => resolved(one, specifier).startsWith('test/')),
  )
})

test('files that decide import no I/O', async () => {
  offenders(
    (await sources('lib')).filter(({ folder }) => pure.includes(folder)),
    (one) => one.imports.find((name) => name.startsWith('node:') && !pureBuiltins.includes(name)),
  )
})

test('plan/ is synchronous', async () => {
  offenders(await sources('lib/plan'), (one) =>
    one.folder === 'plan' && /\basync\b|\bawait\b|\bPromise\b/.test(one.code) ? 'async' : false,
  )
})

test('only edge/exec.ts and edge/stream.ts start processes', async () => {
  const allowed = ['lib/edge/exec.ts', 'lib/edge/stream.ts']
  offenders(await sources('lib'), (one) =>
    allowed.includes(one.file)
      ? false
      : one.imports.find((name) => name === 'zx' || name === 'node:child_process'),
  )
})

test('time, randomness and the environment are read at the rim only', async () => {
  offenders(
    (await sources('lib')).filter(({ folder }) => !rim.includes(folder)),
    (one) =>
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|\bprocess\.env\b/.exec(
        one.code,
      )?.[0],
  )
})

test('no two files import each other, however far round', async () => {
  const list = await sources('lib')
  const graph = new Map(
    list.map((one) => [
      one.file,
      one.imports.filter((s) => s.startsWith('.')).map((s) => resolved(one, s)),
    ]),
  )
  const done = new Set<string>()
  const cycles: string[] = []
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (path.includes(file) || done.has(file)) return
    for (const next of graph.get(file) ?? []) walk(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) walk(file, [])
  assert.equal(cycles, [])
})

test('no file is longer than 400 lines', async () => {
  offenders(await sources('lib', 'test'), ({ text }) => {
    const lines = text.split('\n').length - 1
    return lines > 400 ? `${lines} lines` : false
  })
})

test('every relative import carries its .ts extension', async () => {
  offenders(await sources('lib', 'test'), ({ imports }) =>
    imports.find((name) => name.startsWith('.') && !name.endsWith('.ts')),
  )
})

test('syntax that one of the runtimes lacks is not used', async () => {
  offenders(
    (await sources('lib', 'test')).filter(({ file }) => file !== 'test/house.test.ts'),
    ({ code }) =>
      /^\s*(?:await\s+)?using\s+\w+\s*=|\bimport\.meta\.(?:main|dirname|filename)\b|\bexport default\b/m.exec(
        code,
      )?.[0],
  )
})

test('tests wait for what happens, not for a time', async () => {
  // Those that wait for everybody else, measure, or stand for a clock or a slow program.
  const allowed = ['until', 'worker-process', 'processes', 'sandbox', 'prober', 'bench'].map(
    (name) => `test/helpers/${name}.ts`,
  )
  offenders(
    (await sources('test')).filter(
      ({ file }) => ![...allowed, 'test/house.test.ts', 'test/run.test.ts'].includes(file),
    ),
    // One of no length at all only lets others go first.
    ({ code }) => /\bset(?:Timeout|Interval)\b(?!\(\w+, 0\))/.exec(code)?.[0],
  )
})

test('nobody joins signals: on Node, one that lives on would remember all that were joined with it', async () => {
  offenders(await sources('lib'), ({ code }) => /\bAbortSignal\.any\b/.exec(code)?.[0])
})

test('no expression runs through a stretch of empty lines from each of them', async () => {
  // With "m", "^\\s*x" and "\\s*$" do: see util/lines.ts.
  const quadratic = /\/(?:\\.|[^/\n\\])*(?:\^\\s[*+]|\\s[*+]\$)(?:\\.|[^/\n\\])*\/[a-z]*m/
  assert.match(String.raw`text.search(/^(?!#|\s*$)/m)`, quadratic)
  assert.match(String.raw`/^\s*[^\s#-][^]*^---/m.test(text)`, quadratic)
  offenders(await sources('lib'), ({ code }) => quadratic.exec(code)?.[0])
})

test('a file does not only hand on what others export', async () => {
  offenders(await sources('lib'), ({ code }) => /^export (?:\*|\{[^}]*\}) from/m.exec(code)?.[0])
})

test('process.exit is called by nobody but lib/app/main.ts and operator.ts', async () => {
  offenders(await sources('lib'), ({ file, code }) =>
    file !== 'lib/app/main.ts' && file !== 'operator.ts' && /\bprocess\.exit\(/.test(code)
      ? 'process.exit'
      : false,
  )
})

test.run()
