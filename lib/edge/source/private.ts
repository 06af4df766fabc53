// A directory for what others must neither read nor exchange, below one that may be anybody's.
import { lstat, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { ReconcileError } from '../../model/errors.ts'
import { explainDiskError } from '../workdir.ts'

/** Makes the directory, 0700, or finds it to be ours. Throws ReconcileError DiskFull or Unexpected. */
export async function openPrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw explainCacheError(error, `create the cache "${path}"`)
  }
  // In a temporary directory, somebody may have been there first, and would choose the charts we install.
  const found = await lstat(path)
  const above = await stat(dirname(path))
  const us = process.getuid?.()
  const isOurs = found.isDirectory() && found.uid === (us ?? found.uid)
  // Whoever owns what it is in could put another one in its place. A mounted volume may be root's.
  const isSafe = us === undefined || above.uid === us || above.uid === 0
  if (isOurs && isSafe && (found.mode & 0o022) === 0) return
  throw new ReconcileError(
    'Unexpected',
    `Cannot use the cache "${path}": somebody else can write there; remove it, or point --cache-dir elsewhere`,
  )
}

/** What failed to be written there, as the sentence people get to see. */
export function explainCacheError(error: unknown, verbAndObject: string): ReconcileError {
  return explainDiskError(error, verbAndObject, '--cache-dir')
}
