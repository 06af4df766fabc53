// A chart whose dependencies nobody updates may lack some of them. Helm's command line refuses it then; Helm as a library, which
// fluxcd/helm-operator was built on, goes on without them, and so do we: in a copy that does not name them.
import { Buffer } from 'node:buffer'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSeq, parseDocument } from 'yaml'
import type { ChartDependency } from '../../helm/chart.ts'
import { isMap } from '../../util/merge.ts'
import { checkYamlExtent } from '../../util/yaml-extent.ts'
import { parseYaml } from '../../util/yaml.ts'
import { readPacked } from './archive.ts'

/** The names of dependencies that are not in the chart's charts/, as Helm compares them. */
export async function findMissing(
  chartPath: string,
  declared: readonly ChartDependency[],
  what: string,
): Promise<string[]> {
  const directory = join(chartPath, 'charts')
  const entries = await readdir(directory).catch(() => [])
  const there = await Promise.all(entries.map((entry) => readName(join(directory, entry), what)))
  return [...new Set(declared.map(({ name }) => name))].filter((name) => !there.includes(name))
}

/** Takes dependencies out of a chart's Chart.yaml and requirements.yaml. */
export async function dropDependencies(
  chartPath: string,
  missing: readonly string[],
): Promise<void> {
  for (const name of ['Chart.yaml', 'requirements.yaml']) {
    const file = join(chartPath, name)
    const text = await readFile(file, 'utf8').catch(() => '')
    checkYamlExtent(text)
    const document = parseDocument(text)
    const list = document.get('dependencies')
    if (document.errors.length > 0 || !isSeq(list)) continue
    const names = (document.toJS() as { dependencies: { name?: unknown }[] }).dependencies
    list.items = list.items.filter((_, index) => !missing.includes(String(names[index]?.name)))
    await writeFile(file, document.toString())
  }
}

async function readName(path: string, what: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory())
    return nameIn(await readFile(join(path, 'Chart.yaml')).catch(() => Buffer.alloc(0)))
  if (!path.endsWith('.tgz')) return undefined
  const wanted = (file: string): boolean => file === 'Chart.yaml'
  const [file] = await readPacked(await readFile(path), { prefix: '', what, wanted })
  return nameIn(file?.content ?? Buffer.alloc(0))
}

function nameIn(content: Uint8Array): string | undefined {
  try {
    const fields = parseYaml(Buffer.from(content).toString())
    return isMap(fields) ? String(fields.name) : undefined
  } catch {
    return undefined
  }
}
