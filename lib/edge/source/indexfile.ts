// The copy of a repository's index on disk, and beside it what the server said of it. Readers see the whole or the one before.
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  parseIndex,
  readScan,
  scanIndex,
  type IndexReading,
  type RepositoryIndex,
} from '../../helm/index.ts'
import type { HttpResponse } from '../http.ts'
import { explainCacheError, openPrivateDirectory } from './private.ts'

export type Validators = { etag?: string; modified?: string }

export type FileReading =
  { kind: 'index'; index: RepositoryIndex } | { kind: 'invalid'; why: string }

// Whatever is larger can be scanned only.
const maxWholeBytes = 80 * 1024 * 1024
const chunkBytes = 256 * 1024
const leftoverMs = 24 * 3_600_000

/** Makes the directory for indexes, 0700, and removes those that no operator has touched for a day. */
export async function prepareDirectory(directory: string, now: number): Promise<void> {
  await openPrivateDirectory(directory)
  for (const name of await readdir(directory)) {
    const file = join(directory, name)
    const info = await stat(file).catch(() => undefined)
    if (info && now - info.mtimeMs > leftoverMs) await rm(file, { recursive: true, force: true })
  }
}

/** What the server said of the copy; undefined when there is no copy. */
export async function readValidators(file: string): Promise<Validators | undefined> {
  try {
    await stat(file)
    return JSON.parse(await readFile(`${file}.json`, 'utf8')) as Validators
  } catch {
    return undefined
  }
}

/** Replaces the copy by the content of a response, provided that accept() does not throw; answers what accept() does. */
export async function storeIndexFile<T>(
  file: string,
  { body, validators }: { body: HttpResponse['body']; validators: Validators },
  accept: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = `${file}.draft`
  // Whoever cleans up may have taken all of it.
  await openPrivateDirectory(dirname(file))
  try {
    // The content belongs to whoever has the credentials it was got with.
    await pipeline(body, createWriteStream(draft, { mode: 0o600 })).catch((error: unknown) => {
      // What the network does wrong comes in other words.
      throw (error as NodeJS.ErrnoException).syscall
        ? explainCacheError(error, `write "${draft}"`)
        : error
    })
    const accepted = await accept(draft)
    // Validators of another content would hide it for ever; none at all only cost a download.
    await rm(`${file}.json`, { force: true })
    await rename(draft, file)
    await writeFile(`${file}.json`, JSON.stringify(validators), { mode: 0o600 })
    return accepted
  } finally {
    await rm(draft, { force: true })
  }
}

/** What the copy says of these charts. */
export async function readIndexFile(file: string, charts: readonly string[]): Promise<FileReading> {
  const scan = scanIndex(charts)
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes }))
    if (!scan.push(chunk as Uint8Array)) break
  const reading: IndexReading = readScan(scan)
  if (reading.kind !== 'unusual') return reading
  if ((await stat(file)).size > maxWholeBytes)
    return { kind: 'invalid', why: 'it is large and not in the form that "helm repo index" writes' }
  return parseIndex(await readFile(file, 'utf8'), charts)
}

/** Removes the copy and what belongs to it. */
export async function removeIndexFile(file: string): Promise<void> {
  await rm(file, { force: true })
  await rm(`${file}.json`, { force: true })
}
