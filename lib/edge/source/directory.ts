// The files of a chart that lies in a directory, as Helm would load them: without what .helmignore leaves out, and with
// what links lead to.
import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isChartFile, type ChartFile } from '../../helm/chart.ts'
import { parseIgnore, type IgnoreRules } from '../../helm/ignore.ts'
import { ReconcileError } from '../../model/errors.ts'
import { isPackedSubchart, readPacked, type Wanted } from './archive.ts'

// A chart with more files was not meant as one.
const maxFiles = 20_000
const maxBytes = 100 * 1024 * 1024

/**
 * Reads the files that readChart() needs, or those that are wanted. Throws ReconcileError ChartInvalid; `what` names the chart
 * in the message.
 */
export async function readChartDirectory(
  path: string,
  what: string,
  wanted: Wanted = isChartFile,
): Promise<ChartFile[]> {
  const rules = parseIgnore(await readFile(join(path, '.helmignore'), 'utf8').catch(() => ''))
  const files: ChartFile[] = []
  let bytes = 0
  for (const name of await listFiles(path, what, rules)) {
    const isPacked = isPackedSubchart(name)
    if (!isPacked && !wanted(name)) continue
    const content = await readFile(join(path, name))
    bytes += content.length
    if (isPointer(content))
      throw invalid(what, `its file "${name}" is kept in Git LFS, which is not fetched; commit it`)
    if (bytes > maxBytes) throw invalid(what, 'it has more than 100 MB')
    if (isPacked) files.push(...(await readPacked(content, { prefix: `${name}/`, what, wanted })))
    else files.push({ path: name, content })
  }
  return files
}

/**
 * A digest over names and contents of packed subcharts. Of the archives themselves it would change with every download:
 * they carry the time at which they were packed.
 */
export async function digestPacked(path: string, what: string): Promise<string> {
  const hash = createHash('sha256')
  const all = (await listFiles(path, what, () => false)).filter(isPackedSubchart).sort()
  for (const name of all) {
    const content = await readFile(join(path, name))
    const files = await readPacked(content, { prefix: `${name}/`, what, wanted: () => true })
    for (const file of files.sort((a, b) => (a.path < b.path ? -1 : 1)))
      hash.update(`${file.path}\0${file.content.length}\0`).update(file.content)
  }
  return `sha256:${hash.digest('hex')}`
}

/** Is this what stands in git for a file that is kept in Git LFS? */
export function isPointer(content: Buffer): boolean {
  return content.subarray(0, 100).toString('latin1').startsWith('version https://git-lfs.')
}

async function listFiles(root: string, what: string, rules: IgnoreRules): Promise<string[]> {
  const found: string[] = []
  const walk = async (directory: string, above: readonly string[]): Promise<void> => {
    for (const name of (await readdir(join(root, directory))).sort()) {
      const path = directory === '' ? name : `${directory}/${name}`
      // A link that leads nowhere is Helm's to complain about.
      const info = await stat(join(root, path)).catch(() => undefined)
      if (!info || rules(path, info.isDirectory())) continue
      if (info.isFile()) found.push(path)
      if (found.length > maxFiles) throw invalid(what, `it has more than ${maxFiles} files`)
      // A directory that contains itself by way of a link would never end.
      const id = `${info.dev}:${info.ino}`
      if (info.isDirectory() && !above.includes(id)) await walk(path, [...above, id])
    }
  }
  await walk('', [])
  return found
}

function invalid(what: string, state: string): ReconcileError {
  return new ReconcileError('ChartInvalid', `Cannot read chart ${what}: ${state}`)
}
