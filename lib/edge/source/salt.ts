// A secret of this cache, by which names in it are made that nobody can guess. It lasts as long as the cache.
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { writePrivate } from '../workdir.ts'

const bytes = 32

/** The salt in a file, which is made if it is not there. Throws ReconcileError DiskFull or Unexpected. */
export async function readSalt(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known.length === 2 * bytes) return known
  // What a killed operator had begun to write.
  await rm(file, { force: true })
  const salt = randomBytes(bytes).toString('hex')
  await writePrivate(file, salt)
  return salt
}
