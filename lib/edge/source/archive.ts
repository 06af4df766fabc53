// The files of a chart archive, read as a stream and never unpacked to disk: a bomb is put down long before it is big.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar'
import { isChartFile, type ChartFile } from '../../helm/chart.ts'
import { ReconcileError } from '../../model/errors.ts'

export type ArchiveContent = { files: ChartFile[]; digest: string }
export type Wanted = (path: string) => boolean

// Helm's own limit for what an archive may unpack to.
const maxUnpackedBytes = 100 * 1024 * 1024
// What Helm stores must fit into a Secret of 1 MB, compressed.
const maxKeptBytes = 32 * 1024 * 1024
const maxNesting = 8

/**
 * Reads the files of an archive that readChart() needs, or those that are wanted, with those of archives in its charts/.
 * The digest is that of the archive itself. Throws ReconcileError ChartInvalid; `what` names the chart in the message.
 */
export async function readArchive(
  path: string,
  what: string,
  wanted: Wanted = isChartFile,
): Promise<ArchiveContent> {
  const hash = createHash('sha256')
  const reader = createReader(what, wanted)
  const hashed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      yield chunk
    }
  }
  const files = await reader.read(hashed(), '', 0)
  return { files, digest: `sha256:${hash.digest('hex')}` }
}

/** Reads an archive that stands in the charts/ of a directory, as if it were unpacked there. */
export async function readPacked(
  bytes: Buffer,
  { prefix, what, wanted = isChartFile }: { prefix: string; what: string; wanted?: Wanted },
): Promise<ChartFile[]> {
  return await createReader(what, wanted).read([bytes], prefix, 1)
}

function createReader(what: string, wanted: Wanted) {
  const invalid = (state: string, cause?: unknown): ReconcileError =>
    new ReconcileError('ChartInvalid', `Cannot read chart ${what}: ${state}`, { cause })
  let unpacked = 0
  let kept = 0

  async function* unpack(source: AsyncIterable<Buffer> | Iterable<Buffer>) {
    const gunzip = createGunzip()
    pipeline(Readable.from(source), gunzip, () => {})
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length
      if (unpacked > maxUnpackedBytes) throw invalid('it unpacks to more than 100 MB')
      yield chunk
    }
  }

  async function readEntry({ body }: ParsedTarEntry): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of body) {
      kept += chunk.length
      if (kept > maxKeptBytes) throw invalid('its templates are larger than 32 MB')
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  async function read(
    source: AsyncIterable<Buffer> | Iterable<Buffer>,
    prefix: string,
    depth: number,
  ): Promise<ChartFile[]> {
    if (depth > maxNesting) throw invalid('its subcharts are nested too deeply')
    const files: ChartFile[] = []
    try {
      const content = ReadableStream.from(unpack(source))
      // Strict, as Go's reader is: what it skips, Helm must not find.
      for await (const entry of content.pipeThrough(createTarDecoder({ strict: true }))) {
        const path = prefix + innerPath(entry, invalid)
        const isFile = entry.header.type === 'file'
        const isPacked = isFile && isPackedSubchart(path)
        if (isPacked || (isFile && wanted(path))) {
          const content = await readEntry(entry)
          if (isPacked) files.push(...(await read([content], `${path}/`, depth + 1)))
          if (wanted(path)) files.push({ path, content })
        } else await entry.body.cancel()
      }
    } catch (error) {
      throw error instanceof ReconcileError ? error : invalid(whyUnreadable(error), error)
    }
    return files
  }
  return { read }
}

/** Is this a subchart that Helm unpacks? */
export function isPackedSubchart(path: string): boolean {
  return /^(?:charts\/[^/]+\/)*charts\/[^/_.][^/]*\.tgz$/.test(path)
}

// Helm packs a chart into a directory of its name, which it takes off again.
function innerPath({ header }: ParsedTarEntry, invalid: (state: string) => ReconcileError): string {
  const name = header.name.replaceAll('\\', '/')
  const inner = name.slice(name.indexOf('/') + 1)
  const leads = posix.normalize(inner)
  if (name.startsWith('/') || /^[A-Za-z]:/.test(inner) || /^(?:\.\.|\/)/.test(leads))
    throw invalid(`its file "${header.name.slice(0, 100)}" lies outside of the chart`)
  if (name === 'Chart.yaml') throw invalid('its files are not in a directory of their own')
  return leads
}

function whyUnreadable(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'the archive is gone'
  return code === 'Z_BUF_ERROR' || /end of/i.test((error as Error).message)
    ? 'the archive is cut off'
    : 'it is not a .tgz archive'
}
