// Documents of values that come with a chart: beside it in its repository, or inside its archive.
import { readFile, realpath, stat } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import { ReconcileError } from '../../model/errors.ts'
import type { Artifact } from '../../model/source.ts'
import { digestText } from '../../util/digest.ts'
import type { Parser } from '../parser/parser.ts'
import { isPointer } from '../source/directory.ts'
import { maxDocumentBytes, missing, type Found } from './found.ts'

/** A file of the chart, by its path relative to the chart. An archive whose version is known already is not opened. */
export async function readChartFile(
  path: string,
  { artifact, unless, parser }: { artifact: Artifact; unless?: string; parser: Parser },
): Promise<Found | 'unchanged'> {
  if (artifact.exportRoot !== undefined)
    return await readExported(path, artifact.exportRoot, artifact)
  return unless === artifact.digest ? 'unchanged' : await readPackaged(path, artifact, parser)
}

// Neither ".." nor a link may lead out of what was exported.
async function readExported(path: string, exportRoot: string, chart: Artifact): Promise<Found> {
  const what = `chart file "${path}"`
  try {
    const root = await realpath(exportRoot)
    const file = await realpath(join(chart.path, path))
    if (!file.startsWith(root + sep)) return missing(`${what} is outside of the repository`)
    const info = await stat(file)
    if (!info.isFile()) return missing(`${what} is no file`)
    if (info.size > maxDocumentBytes) return missing(`${what} ${tooLarge}`)
    const bytes = await readFile(file)
    if (isPointer(bytes)) return missing(`${what} is kept in Git LFS, which is not fetched`)
    return { version: digestText(bytes), bytes }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR'
    return missing(`${what} ${isAbsent ? 'does not exist' : 'is not readable'}`, { cause })
  }
}

async function readPackaged(
  path: string,
  { path: archive, chart, digest }: Artifact,
  parser: Parser,
): Promise<Found> {
  const inside = posix.join('.', path)
  const what = `chart file "${path}"`
  if (/^\.\.(\/|$)/.test(inside)) return missing(`${what} is outside of the chart's archive`)
  try {
    const name = `"${chart.name}" ${chart.version}`
    const place = { path: archive, what: name, inside, maxBytes: maxDocumentBytes }
    const bytes = await parser.run('archiveFile', place, {
      identity: () => `${digest} ${inside}`,
      refuse: (why) => new ReconcileError('ChartInvalid', why),
    })
    if (bytes === undefined)
      return missing(`${what} does not exist in the archive of chart ${name}`, { version: digest })
    if (bytes === 'tooLarge') return missing(`${what} ${tooLarge}`, { version: digest })
    return { version: digest, bytes }
  } catch (cause) {
    const why = cause instanceof ReconcileError ? cause.message : 'the archive is not readable'
    return missing(`${what} is not readable: ${why}`, { cause })
  }
}

const tooLarge = `is larger than ${maxDocumentBytes / 1024 / 1024} MiB`
