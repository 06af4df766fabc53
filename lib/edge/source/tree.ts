// Which files of a commit does a chart need? Its own directory, the charts it depends on by file://, and whatever links
// lead to; never anything outside of the repository.
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { ReconcileError } from '../../model/errors.ts'
import { didYouMean } from '../../util/nearest.ts'
import type { ChartReader } from '../parser/charts.ts'
import type { GitAccess } from './gitcommand.ts'
import { showRemote } from './gitfailure.ts'
import { createMemo, type Memo } from './memo.ts'
import type { Mirror } from './mirror.ts'

export type TreeEntry = { mode: string; hash: string; path: string }
export type ChartTree = {
  // Equal for equal content of the chart and what it depends on, wherever in whichever commit it stands.
  digest: string
  // All of that, and the other files that were asked for.
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
type Members = Map<string, readonly TreeEntry[]>

const link = '120000'
const submodule = '160000'
const maxMembers = 200
// As many as Linux follows.
const maxLinks = 40

/** A reader that remembers what the files it had to look into refer to. */
export function createTreeReader(charts: ChartReader): TreeReader {
  const references = createMemo<readonly string[]>(1_000)
  const collect = async (
    place: Place,
    { paths, isNeeded }: { paths: readonly string[]; isNeeded: boolean },
    members: Members,
  ): Promise<void> => {
    const queue = [...paths]
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (isWithin(path, members)) continue
      const isChart = members.size === 0
      const kind = isChart
        ? 'chart'
        : isNeeded && place.updateDependencies
          ? 'reference'
          : 'optional'
      const { real, links, entries } = await followLinks(place, path, kind)
      if (isChart && entries.length === 0) throw await explainAbsence(place)
      for (const one of links) members.set(`-> ${one.path}`, [one])
      if (isWithin(real, members)) continue
      if (members.size >= maxMembers) throw invalid(place, 'it refers to too many directories')
      members.set(real, entries)
      queue.push(
        ...(await findReferences(place, { path, real, entries, isChart, references, charts })),
      )
    }
  }
  return async (place) => {
    const chart = normalize(place.path)
    if (chart.startsWith('..')) throw notFound(place, 'it is outside of the repository')
    const members: Members = new Map()
    await collect(place, { paths: [chart], isNeeded: true }, members)
    const digest = digestOf(chart, members)
    const files = (place.files ?? []).map((file) => normalize(posix.join(chart, file)))
    const inside = files.filter((file) => file !== '' && !file.startsWith('..'))
    await collect(place, { paths: inside, isNeeded: false }, members)
    return { digest, entries: [...members.values()].flat() }
  }
}

/** The path of a chart in a repository, without what does not matter; the root is "". */
export function normalize(path: string): string {
  return posix
    .normalize(path)
    .replace(/^(?:\.?\/)+|\/+$/g, '')
    .replace(/^\.$/, '')
}

type Followed = { real: string; links: readonly TreeEntry[]; entries: readonly TreeEntry[] }

// What is at a path, also if directories on the way there are links, as they are to whoever checks the commit out.
async function followLinks(
  place: Place,
  path: string,
  kind: 'chart' | 'reference' | 'optional',
): Promise<Followed> {
  const links: TreeEntry[] = []
  let real = path
  for (let hops = 0; hops < maxLinks; hops++) {
    const entries = await listEntries(place, real)
    const [first] = entries
    const isThere = first !== undefined && (first.mode !== link || first.path !== real)
    if (isThere || real === '') return { real, links, entries }
    const [stop] = await listTree(
      place,
      prefixes(real),
      (mode) => mode === link || mode === submodule,
    )
    const isDead = stop?.mode === submodule && kind !== 'optional'
    if (isDead) throw explainSubmodule(place, stop.path, kind === 'chart')
    if (stop?.mode !== link) return { real, links, entries }
    links.push(stop)
    const target = outOf(await readBlob(place, stop.hash), posix.dirname(stop.path))
    if (target === undefined) throw invalid(place, `its link "${stop.path}" ${leadsOut}`)
    real = normalize(target + real.slice(stop.path.length))
  }
  throw invalid(place, `its link "${links[0]?.path}" leads in circles`)
}

// "a", "a/b", "a/b/c" of "a/b/c".
function prefixes(path: string): string[] {
  return path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'))
}

async function listEntries(place: Place, path: string): Promise<TreeEntry[]> {
  // Submodules are commits; as with fluxcd/helm-operator, they stay empty.
  return await listTree(place, path === '' ? [] : [path], (mode) => mode !== submodule, ['-r'])
}

async function listTree(
  { mirror, access, commit }: Place,
  paths: readonly string[],
  isWanted: (mode: string) => boolean,
  options: readonly string[] = [],
): Promise<TreeEntry[]> {
  const args = ['ls-tree', ...options, '-z', '--full-tree', commit, '--', ...paths]
  const text = await mirror.git(access, args)
  return text.split('\0').flatMap((line) => {
    const [, mode = '', hash = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
    return mode !== '' && isWanted(mode) ? [{ mode, hash, path }] : []
  })
}

// Where something leads to from a directory; undefined if that is out of the repository.
function outOf(target: string, directory: string): string | undefined {
  const full = posix.normalize(posix.join(directory, target))
  return target.startsWith('/') || full.startsWith('..') ? undefined : full
}

type Member = {
  // As it is referred to, and without the links on the way there.
  path: string
  real: string
  entries: readonly TreeEntry[]
  isChart: boolean
  references: Memo<readonly string[]>
  charts: ChartReader
}

async function findReferences(place: Place, member: Member): Promise<string[]> {
  const { path, real, entries, isChart, references, charts } = member
  const found: string[] = []
  const read = async (
    entry: TreeEntry,
    parse: (text: string) => string[] | Promise<string[]>,
  ): Promise<void> => {
    const known = references.get(`${entry.mode} ${entry.hash}`)
    const targets = known ?? (await parse(await readBlob(place, entry.hash)))
    references.set(`${entry.mode} ${entry.hash}`, targets)
    const isLink = entry.mode === link
    const base = isLink ? posix.dirname(entry.path) : path
    for (const target of targets) {
      const full = outOf(target, base)
      if (full === undefined && !isLink && !place.updateDependencies) continue
      if (full === undefined)
        throw invalid(
          place,
          isLink
            ? `its link "${entry.path}" ${leadsOut}`
            : `its dependency "file://${target}" is outside of the repository`,
        )
      found.push(normalize(full))
    }
  }
  for (const entry of entries) if (entry.mode === link) await read(entry, (text) => [text])
  const names = ['Chart.yaml', 'requirements.yaml'].map((name) => posix.join(real, name))
  if (isChart)
    for (const entry of entries.filter((one) => names.includes(one.path) && one.mode !== link))
      await read(entry, (text) => charts.fileDependencies(posix.basename(entry.path), text))
  return found
}

async function readBlob({ mirror, access }: Place, hash: string): Promise<string> {
  return await mirror.git(access, ['cat-file', 'blob', hash])
}

function isWithin(path: string, members: Members): boolean {
  return [...members.keys()].some(
    (member) => member === '' || path === member || path.startsWith(`${member}/`),
  )
}

function digestOf(chart: string, members: Members): string {
  const lines = [...members.values()].flat().map(({ mode, hash, path }) => {
    return `${mode} ${hash} ${posix.relative(chart, path)}`
  })
  return `sha256:${createHash('sha256').update(lines.sort().join('\n')).digest('hex')}`
}

function invalid({ path }: Place, state: string): ReconcileError {
  return new ReconcileError('ChartInvalid', `Cannot use the chart in "${path}": ${state}`)
}

const leadsOut = 'leads out of the repository'

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
