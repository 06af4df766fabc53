// The files below a path of a commit, with what links lead to in place of the links. Links that multiply each other would fill
// any disk, so there is a limit to what they may add up to.
import { posix } from 'node:path'
import {
  followPath,
  isDirectory,
  isLink,
  isSubmodule,
  type CommitTree,
  type Followed,
  type TreeEntry,
} from './commit-tree.ts'

/** Files by the path at which they are found; their entries have the mode and hash of what is there in the end. */
export type Files = Map<string, TreeEntry>

export type Materialize = {
  tree: CommitTree
  // Filled with what is found; shared by all paths of one export, and so are the limits.
  files: Files
  budget: { entries: number; pathLength: number }
  // Is a link that leads nowhere left out, because helm does not look at it?
  isIgnored: (path: string) => boolean
  // The error for a link, as in: its link "a" leads in circles.
  fail: (state: string) => Error
}

// A chart with more files was not meant as one.
const maxEntries = 50_000
// Paths over many links can be far longer than any that stands in the repository.
const maxPathLength = 16 * 1024 * 1024

/** The limits of one export, unused. */
export function createBudget(): Materialize['budget'] {
  return { entries: maxEntries, pathLength: maxPathLength }
}

/** Adds all files below a directory to `files`, as if the directory stood at `path`. Throws what fail() makes. */
export async function addDirectory(
  task: Materialize,
  path: string,
  real: string,
  link?: TreeEntry,
): Promise<void> {
  await enter(task, { path, real, above: [], ...(link ? { link } : {}) })
}

/** Adds one file to `files`. Throws what fail() makes. */
export function addFile({ files, budget, fail }: Materialize, path: string, file: TreeEntry): void {
  spend({ budget, fail }, path)
  files.set(path, { ...file, path })
}

/** What is wrong with a link that leads to neither a file nor a directory. */
export function explainLink(link: TreeEntry, followed: Followed): string {
  return `its link "${link.path}" ${whereTo(followed)}`
}

type Step = {
  path: string
  real: string
  // The directories that this one was reached through.
  above: readonly string[]
  link?: TreeEntry
}

async function enter(task: Materialize, { path, real, above, link }: Step): Promise<void> {
  if (above.includes(real)) {
    if (task.isIgnored(path)) return
    throw task.fail(explainLink(link!, { kind: 'circle' }))
  }
  for (const entry of await task.tree.list(real)) {
    const at = posix.join(path, posix.basename(entry.path))
    const within = { path: at, above: [...above, real] }
    if (isSubmodule(entry)) continue
    else if (isDirectory(entry))
      await enter(task, { ...within, real: entry.path, ...(link && { link }) })
    else if (isLink(entry)) await followLink(task, entry, within)
    else addFile(task, at, entry)
  }
}

async function followLink(task: Materialize, link: TreeEntry, step: Omit<Step, 'real'>) {
  // Links to directories of nothing but links would otherwise cost nothing.
  spend(task, step.path)
  const followed = await followPath(task.tree, link.path)
  if (followed.kind === 'file') return addFile(task, step.path, followed.entry)
  const isCircle = followed.kind === 'directory' && step.above.includes(followed.path)
  if (followed.kind === 'directory' && !isCircle)
    return await enter(task, { ...step, real: followed.path, link })
  if (!task.isIgnored(step.path))
    throw task.fail(explainLink(link, isCircle ? { kind: 'circle' } : followed))
}

function spend({ budget, fail }: Pick<Materialize, 'budget' | 'fail'>, path: string): void {
  budget.entries--
  budget.pathLength -= path.length
  const what = 'with what its links lead to, '
  if (budget.entries < 0) throw fail(`${what}it has more than ${maxEntries} files`)
  if (budget.pathLength < 0) throw fail(`${what}the paths of its files are too long`)
}

function whereTo(followed: Followed): string {
  switch (followed.kind) {
    case 'outside':
      return 'leads out of the repository'
    case 'circle':
      return 'leads in circles'
    case 'submodule':
      return `leads into the submodule "${followed.path}", and those are not fetched`
    case 'missing':
      return `leads to nothing: there is no "${followed.path}"`
    case 'file':
    case 'directory':
      return 'leads to what is no chart'
  }
}
