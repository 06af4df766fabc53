// Which files of a commit does a chart need? Its own directory, the charts it depends on by file://, and whatever links
// lead to, in place of the links; never anything outside of the repository.
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { isIgnored, parseIgnore } from '../../helm/ignore.ts'
import { ReconcileError } from '../../model/errors.ts'
import { didYouMean } from '../../util/nearest.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { ChartReader } from '../parser/charts.ts'
import {
  createCommitTree,
  followPath,
  isLink,
  type CommitTree,
  type TreeEntry,
} from './commit-tree.ts'
import type { GitAccess } from './gitcommand.ts'
import { isTooLong, showRemote } from './gitfailure.ts'
import {
  addDirectory,
  addFile,
  createBudget,
  explainLink,
  type Files,
  type Materialize,
} from './materialize.ts'
import { createMemo, type Memo } from './memo.ts'
import type { GitOver, Mirror } from './mirror.ts'

export type ChartTree = {
  // Equal for equal content of the chart and what it depends on, wherever in whichever commit it stands.
  digest: string
  // All of that, and the other files that were asked for; none of them is a link.
  entries: readonly TreeEntry[]
}
export type ChartPlace = {
  mirror: Mirror
  access: GitAccess
  commit: string
  path: string
  // Will what it depends on be looked for?
  updateDependencies: boolean
  // Beside the chart, relative to it; what does not exist is left out.
  files?: readonly string[]
}
export type TreeReader = (place: ChartPlace) => Promise<ChartTree>

type Place = ChartPlace
// How what is at a path is named: the chart itself, what it depends on, or a file that is asked for.
type Role = 'chart' | 'dependency' | 'file'
type Reading = {
  place: Place
  chart: string
  task: Materialize
  remember: Memo<readonly string[]>
}

const maxDependencies = 200
// The longest path that Linux takes, which is all that a link can hold.
const maxLinkBytes = 4_096
// Chart.yaml and requirements.yaml are a few kilobytes, .helmignore is less.
const maxFileBytes = 1024 * 1024
const maxIgnoreBytes = 64 * 1024
// The names and paths of as many files as a chart may have.
const maxListingBytes = 32 * 1024 * 1024
// Characters of paths times characters of rules: a tenth of a second or two.
const maxIgnoreWork = 100_000_000

/** A reader that remembers what the files it had to look into refer to. */
export function createTreeReader(charts: ChartReader): TreeReader {
  const remember = createMemo<readonly string[]>(1_000)
  return async (place) => {
    const chart = normalize(place.path)
    if (chart.startsWith('..')) throw notFound(place, 'it is outside of the repository')
    const reading = await openReading(place, chart, remember)
    await addPath(reading, chart, 'chart')
    if (place.updateDependencies)
      for (const path of await findDependencies(reading, charts))
        await addPath(reading, path, 'dependency')
    const digest = digestOf(chart, reading.task.files)
    for (const file of place.files ?? []) {
      const path = normalize(posix.join(chart, file))
      if (path !== '' && !path.startsWith('..')) await addPath(reading, path, 'file')
    }
    return { digest, entries: [...reading.task.files.values()] }
  }
}

/** The path of a chart in a repository, without what does not matter; the root is "". */
export function normalize(path: string): string {
  return posix
    .normalize(path)
    .replace(/^(?:\.?\/)+|\/+$/g, '')
    .replace(/^\.$/, '')
}

async function openReading(
  place: Place,
  chart: string,
  remember: Reading['remember'],
): Promise<Reading> {
  const { mirror, access, commit } = place
  const fail = (state: string): ReconcileError => invalid(place, state)
  // All of it is read into this process, whatever a repository may hold.
  const git = async (args: readonly string[], over: GitOver, what: string): Promise<string> => {
    try {
      return await mirror.git(access, args, over)
    } catch (error) {
      throw isTooLong(error) ? fail(what) : error
    }
  }
  const list = (args: readonly string[]): Promise<string> =>
    git(args, { maxOutputBytes: maxListingBytes }, 'it has too many files, or too long paths')
  // What links say is small, and the same in every commit.
  const read: CommitTree['read'] = async (entry) => {
    const { hash, path } = entry
    const key = `${mirror.directory} ${hash}`
    const maxOutputBytes = mostOf(entry)
    const what = `its file or link "${path}" has more than ${maxOutputBytes} bytes`
    const [text = await git(['cat-file', 'blob', hash], { maxOutputBytes }, what)] =
      remember.get(key) ?? []
    if (text.length <= maxLinkBytes) remember.set(key, [text])
    return text
  }
  const tree = createCommitTree(commit, list, read)
  const isIgnored = await readIgnored(tree, chart, fail)
  const task = { tree, files: new Map(), budget: createBudget(), isIgnored, fail }
  return { place, chart, task, remember }
}

function mostOf(entry: TreeEntry): number {
  if (isLink(entry)) return maxLinkBytes
  return posix.basename(entry.path) === '.helmignore' ? maxIgnoreBytes : maxFileBytes
}

// Links that helm does not look at may lead anywhere, as long as nobody follows them.
async function readIgnored(
  tree: CommitTree,
  chart: string,
  fail: (state: string) => ReconcileError,
): Promise<(path: string) => boolean> {
  const found = await followPath(tree, posix.join(chart, '.helmignore'))
  if (found.kind !== 'file') return () => false
  const text = await tree.read(found.entry)
  const rules = parseIgnore(text)
  const prefix = chart === '' ? '' : `${chart}/`
  let work = 0
  return (path) => {
    if (!path.startsWith(prefix)) return false
    const inner = path.slice(prefix.length)
    work += text.length * inner.length * inner.split('/').length
    if (work > maxIgnoreWork) throw fail('it has too many dead links for so long a .helmignore')
    return isIgnored(inner, rules) || rules(inner, true)
  }
}

async function addPath({ place, task }: Reading, path: string, role: Role): Promise<void> {
  const followed = await followPath(task.tree, path)
  switch (followed.kind) {
    case 'directory':
      return role === 'file' ? undefined : await addDirectory(task, path, followed.path)
    case 'file':
      if (role === 'file') return addFile(task, path, followed.entry)
      if (role === 'chart') throw notFound(place, `"${path}" is a file; charts are directories`)
      return
    case 'submodule':
      if (role === 'file') return
      throw explainSubmodule(place, followed.path, role === 'chart')
    case 'missing':
      if (role === 'chart') throw await explainAbsence(place)
      // Of a dependency that is missing, helm says more; what values may be missing is said by whoever reads them.
      return
    case 'outside':
    case 'circle':
      if (followed.link === undefined) throw notFound(place, 'it is outside of the repository')
      throw invalid(place, explainLink(followed.link, followed))
    default:
      return unreachable(followed)
  }
}

// Helm resolves them against the path by which it knows the chart, whatever links lead there.
async function findDependencies(
  { place, chart, task, remember }: Reading,
  charts: ChartReader,
): Promise<string[]> {
  const found: string[] = []
  for (const name of ['Chart.yaml', 'requirements.yaml']) {
    const entry = task.files.get(posix.join(chart, name))
    if (!entry) continue
    const key = `${place.mirror.directory} ${name} ${entry.hash}`
    const targets =
      remember.get(key) ?? (await charts.fileDependencies(name, await task.tree.read(entry)))
    remember.set(key, targets)
    for (const target of targets) {
      const path = posix.normalize(posix.join(chart, target))
      if (target.startsWith('/') || path.startsWith('..'))
        throw invalid(place, `its dependency "file://${target}" is outside of the repository`)
      found.push(normalize(path))
    }
  }
  if (found.length > maxDependencies)
    throw invalid(place, `it depends on more than ${maxDependencies} directories`)
  return [...new Set(found)]
}

function digestOf(chart: string, files: Files): string {
  const lines = [...files.values()].map(
    ({ mode, hash, path }) => `${mode} ${hash} ${posix.relative(chart, path)}`,
  )
  return `sha256:${createHash('sha256').update(lines.sort().join('\n')).digest('hex')}`
}

function invalid({ path }: Place, state: string): ReconcileError {
  return new ReconcileError('ChartInvalid', `Cannot use the chart in "${path}": ${state}`)
}

function explainSubmodule(place: Place, path: string, isChart: boolean): ReconcileError {
  const state = `"${path}" is a submodule, and those are not fetched`
  return isChart
    ? notFound(place, `${state}; name the repository it comes from`)
    : invalid(place, `${state}; commit the files themselves`)
}

// Says what there is instead, as deep as the path leads.
async function explainAbsence(place: Place): Promise<ReconcileError> {
  const { mirror, access, commit, path } = place
  let above = normalize(path)
  let names: string[] = []
  do {
    above = above.includes('/') ? posix.dirname(above) : ''
    const tree = above === '' ? commit : `${commit}:${above}`
    const text = await mirror.git(access, ['ls-tree', '--name-only', '-z', tree]).catch(() => '')
    names = text.split('\0').filter((name) => name !== '')
  } while (names.length === 0 && above !== '')
  const missing =
    normalize(path)
      .slice(above === '' ? 0 : above.length + 1)
      .split('/')[0] ?? ''
  const near = didYouMean(missing, names)
  const where = above === '' ? 'at its root' : `in "${above}"`
  const there = names.slice(0, 10).map((name) => `"${name}"`)
  return notFound(
    place,
    near === ''
      ? `${where} there is ${there.join(', ') || 'nothing'}`
      : `"${missing}" is not ${where}${near}`,
  )
}

function notFound({ access, commit, path }: Place, state: string): ReconcileError {
  const place = `in "${showRemote(access.url)}" at ${commit.slice(0, 12)}`
  return new ReconcileError('GitPathNotFound', `Cannot find "${path}" ${place}: ${state}`)
}
