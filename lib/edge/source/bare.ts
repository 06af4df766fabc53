// The bare repository that a mirror lives in: made whole or not at all, and taken over from a predecessor that was killed.
import { appendFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Git, GitAccess } from './gitcommand.ts'
import { explainCacheError, openPrivateDirectory } from './private.ts'

export type BareOptions = {
  git: Git
  directory: string
  access: GitAccess
  // Download files only when they are needed, if the server can do so.
  partial: boolean
  signal: AbortSignal
}

/** Makes the repository with its remote "origin"; true when it was there already. */
export async function openBareRepository(options: BareOptions): Promise<boolean> {
  const { directory, access, git, signal } = options
  if (await isThere(directory)) {
    await removeLocks(directory)
    await removeLitter(directory, Infinity)
    return true
  }
  const draft = join(dirname(directory), `.draft-${basename(directory)}`)
  // Whoever cleans up may have taken all of it.
  await openPrivateDirectory(dirname(directory))
  try {
    await rm(draft, { recursive: true, force: true })
    await git({
      verb: 'mirror',
      access,
      args: ['init', '--quiet', '--bare', '--template=', draft],
      signal,
    })
    await appendFile(join(draft, 'config'), remoteConfig(access.url, options.partial))
    await rm(directory, { recursive: true, force: true })
    await rename(draft, directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall)
      throw explainCacheError(error, `create the git mirror "${directory}"`)
    throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return false
}

/** Removes what gits that were killed had received so far, which git itself would keep for weeks: all from before a time. */
export async function removeLitter(directory: string, before: number): Promise<void> {
  const objects = join(directory, 'objects')
  const names = await readdir(objects, { recursive: true }).catch(() => [])
  for (const name of names.filter((one) => basename(one).startsWith('tmp_'))) {
    const info = await stat(join(objects, name)).catch(() => undefined)
    if (info && info.mtimeMs < before) await rm(join(objects, name), { force: true })
  }
}

/** Is there a repository in the directory? */
export async function isThere(directory: string): Promise<boolean> {
  return (await stat(join(directory, 'HEAD')).catch(() => undefined)) !== undefined
}

// A later [core] section adds to the one that init wrote.
function remoteConfig(url: string, partial: boolean): string {
  const remote = [
    '[remote "origin"]',
    `\turl = "${withoutPassword(url).replace(/["\\]/g, '\\$&')}"`,
    ...(partial ? ['\tpromisor = true', '\tpartialCloneFilter = blob:none'] : []),
  ]
  const format = [
    ...['[core]', '\trepositoryFormatVersion = 1'],
    ...['[extensions]', '\tpartialClone = origin'],
  ]
  return [...(partial ? format : []), ...remote, ''].join('\n')
}

// The user stays: git asks for the password that belongs to it.
function withoutPassword(url: string): string {
  return url.replace(/^(https?:\/\/[^/:@]*):[^/]*@/i, '$1@')
}

// Whoever held them is dead; git itself would wait for them for ever.
async function removeLocks(directory: string): Promise<void> {
  for (const name of await readdir(directory, { recursive: true }))
    if (name.endsWith('.lock')) await rm(join(directory, name), { force: true })
}
