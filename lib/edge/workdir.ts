// A directory of this process that nobody else can read, for files that must not outlive their use: values, keys,
// sockets. What a killed predecessor left behind is swept away.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ReconcileError } from '../model/errors.ts'
import { signOwner, sweepLeftovers } from './leftovers.ts'

export type Workdir = {
  readonly path: string
  // A directory of this name in it, made if need be.
  directory(name: string): Promise<string>
  // A file that only we can read and that is gone when use() has ended, however it ended.
  withFile<T>(
    name: string,
    content: string | Uint8Array,
    use: (path: string) => Promise<T>,
  ): Promise<T>
  close(): Promise<void>
}

/** Makes the directory in parent (TMPDIR, usually). Throws ReconcileError DiskFull, or Unexpected if it cannot be made. */
export async function openWorkdir(parent: string): Promise<Workdir> {
  await sweepLeftovers(parent)
  const path = await mkdtemp(join(parent, 'helm-operator-')).catch((error: unknown) => {
    throw explainDiskError(error, `create a working directory in "${parent}"`)
  })
  await signOwner(path)
  let files = 0
  return {
    path,
    directory: async (name) => {
      const directory = join(path, basename(name))
      await mkdir(directory, { recursive: true, mode: 0o700 })
      return directory
    },
    withFile: async (name, content, use) => {
      // The same name may be in use for several releases at once.
      const file = join(path, `${files++}-${basename(name)}`)
      try {
        await writePrivate(file, content)
        return await use(file)
      } finally {
        await rm(file, { force: true })
      }
    },
    close: () => rm(path, { recursive: true, force: true }),
  }
}

/** Writes a file that must not exist yet and that only we can read. Throws ReconcileError DiskFull. */
export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw explainDiskError(error, `write "${path}"`)
  }
}

/** What failed to be written, as the sentence people get to see; `setting` says where it is written to. */
export function explainDiskError(
  error: unknown,
  verbAndObject: string,
  setting = 'TMPDIR',
): ReconcileError {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new ReconcileError(
      'DiskFull',
      `Cannot ${verbAndObject}: no space is left; free some, or point ${setting} elsewhere`,
      { cause: error },
    )
  const hint = ['EACCES', 'EROFS', 'ENOENT', 'EPERM'].includes(code)
    ? `; point ${setting} at a directory that can be written`
    : ''
  return new ReconcileError('Unexpected', `Cannot ${verbAndObject}: ${code}${hint}`, {
    cause: error,
  })
}
