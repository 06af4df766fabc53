// The files of one commit, listed by git as far as somebody asks, and where paths lead that go over links in it.
import { posix } from 'node:path'

export type TreeEntry = { mode: string; hash: string; path: string }

export type CommitTree = {
  // The entries of a directory, which must be one; without those below them.
  list(directory: string): Promise<readonly TreeEntry[]>
  // What is at a path that leads over no link; undefined if there is nothing. The root has no entry.
  find(path: string): Promise<TreeEntry | undefined>
  // The content of a small file or of a link. Throws when it is larger than such things are.
  read(entry: TreeEntry): Promise<string>
}

export type Followed =
  | { kind: 'file'; entry: TreeEntry; link?: TreeEntry }
  | { kind: 'directory'; path: string; link?: TreeEntry }
  // What is missing, and the last link on the way there.
  | { kind: 'missing' | 'submodule'; path: string; link?: TreeEntry }
  | { kind: 'outside' | 'circle'; link?: TreeEntry }

const linkMode = '120000'
const directoryMode = '040000'
const submoduleMode = '160000'
// As many as Linux follows.
const maxHops = 40

/** Is this entry a symbolic link? */
export function isLink({ mode }: TreeEntry): boolean {
  return mode === linkMode
}

/** Is this entry a directory? */
export function isDirectory({ mode }: TreeEntry): boolean {
  return mode === directoryMode
}

/** Is this entry a commit of another repository? */
export function isSubmodule({ mode }: TreeEntry): boolean {
  return mode === submoduleMode
}

/** A commit's tree; `git` runs git in a repository that has all of its directories, `read` reads one of its files. */
export function createCommitTree(
  commit: string,
  git: (args: readonly string[]) => Promise<string>,
  read: CommitTree['read'],
): CommitTree {
  const entries = new Map<string, TreeEntry>()
  const listed = new Map<string, readonly TreeEntry[]>()
  const known = new Set<string>()
  const load = async (options: readonly string[], paths: readonly string[]): Promise<void> => {
    const text = await git(['ls-tree', ...options, '-z', '--full-tree', commit, '--', ...paths])
    for (const entry of parseListing(text)) entries.set(entry.path, entry)
  }
  // Everything below a directory comes with one git: nearly all of it is wanted.
  const loadBelow = async (directory: string): Promise<void> => {
    const children = new Map<string, TreeEntry[]>([[directory, []]])
    await load(['-r', '-t'], directory === '' ? [] : [directory])
    const prefix = directory === '' ? '' : `${directory}/`
    for (const entry of entries.values()) {
      if (!entry.path.startsWith(prefix)) continue
      if (isDirectory(entry) && !children.has(entry.path)) children.set(entry.path, [])
      if (entry.path === directory) continue
      const siblings = children.get(parentOf(entry.path)) ?? []
      siblings.push(entry)
      children.set(parentOf(entry.path), siblings)
    }
    for (const [path, found] of children) listed.set(path, found)
  }
  const isKnown = (path: string): boolean => known.has(path) || listed.has(parentOf(path))
  return {
    read,
    list: async (directory) => {
      if (!listed.has(directory)) await loadBelow(directory)
      return listed.get(directory) ?? []
    },
    find: async (path) => {
      const missing = prefixes(path).filter((prefix) => !isKnown(prefix))
      if (missing.length > 0) {
        await load([], missing)
        missing.forEach((prefix) => known.add(prefix))
      }
      return entries.get(path)
    },
  }
}

/** Where a path leads, link by link, as it would be for somebody who had checked the commit out. */
export async function followPath(tree: CommitTree, path: string): Promise<Followed> {
  const ahead = partsOf(path)
  const behind: string[] = []
  let link: TreeEntry | undefined
  const via = (): { link?: TreeEntry } => (link ? { link } : {})
  for (let hops = 0; ahead.length > 0;) {
    const part = ahead.shift()!
    if (part === '.') continue
    if (part === '..') {
      if (behind.pop() === undefined) return { kind: 'outside', ...via() }
      continue
    }
    const here = [...behind, part].join('/')
    const entry = await tree.find(here)
    if (entry && isSubmodule(entry)) return { kind: 'submodule', path: here, ...via() }
    if (entry && isLink(entry)) {
      link = entry
      if (++hops > maxHops) return { kind: 'circle', link }
      const target = await tree.read(entry)
      if (target.startsWith('/')) return { kind: 'outside', link }
      ahead.unshift(...partsOf(target))
    } else if (entry && isDirectory(entry)) behind.push(part)
    else if (entry && ahead.every((one) => one === '.')) return { kind: 'file', entry, ...via() }
    else return { kind: 'missing', path: [here, ...(entry ? ahead : [])].join('/'), ...via() }
  }
  return { kind: 'directory', path: behind.join('/'), ...via() }
}

function parseListing(text: string): TreeEntry[] {
  return text.split('\0').flatMap((line) => {
    const [, mode, hash, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    return mode === undefined ? [] : [{ mode, hash: hash!, path: path! }]
  })
}

function parentOf(path: string): string {
  const parent = posix.dirname(path)
  return parent === '.' ? '' : parent
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

// "a", "a/b", "a/b/c" of "a/b/c".
function prefixes(path: string): string[] {
  return path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))
}
