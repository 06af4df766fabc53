// Which versions does a version constraint allow, and which of those on offer is chosen?
// Helm reads constraints with the Go library Masterminds/semver; npm's semver disagrees about commas, "!=", partial
// versions and, above all, pre-releases. So parsing and ordering of versions is npm's, what a constraint means is ours.
import semver, { type SemVer } from 'semver'

export type Constraint = { groups: readonly (readonly Comparator[])[] }

type Comparator = {
  test: Test
  version: SemVer
  // The first part that was left out or a wildcard; 'none' when all three were given.
  open: 'major' | 'minor' | 'patch' | 'none'
}
type Test = (version: SemVer, comparator: Comparator) => boolean

/** A version on offer; `created` breaks ties between versions that differ only in build metadata. */
export type Offer = { version: string; created?: string }

// A constraint longer than this was not written by a person.
const maxLength = 1_000
const part = '(?:[0-9]+|[xX*])'
const words = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const partial = `v?(${part})(?:\\.(${part}))?(?:\\.(${part}))?(?:-(${words}))?(?:\\+${words})?`
const written = partial.replaceAll(/\((?!\?)/g, '(?:')
const hyphenRange = new RegExp(`\\s*(${written})\\s+-\\s+(${written})\\s*`, 'g')
const comparator = new RegExp(`\\s*(!=|>=|=>|<=|=<|~>|[=><~^])?\\s*${partial}`, 'y')
const separator = /\s*,|\s/y
const wholeVersion = new RegExp(
  `^v?([0-9]+)(?:\\.([0-9]+))?(?:\\.([0-9]+))?(?:-(${words}))?(?:\\+${words})?$`,
)

/** Reads a Masterminds constraint such as "~1.2, !=1.2.5 || >=3.0.0-0"; undefined when it is none. */
export function parseConstraint(text: string): Constraint | undefined {
  if (text.length > maxLength) return undefined
  const groups = text.replace(hyphenRange, '>=$1, <=$2 ').split('||').map(readGroup)
  return groups.every((group) => group !== undefined) ? { groups } : undefined
}

/** Does the version satisfy the constraint? A version that cannot be read satisfies nothing. */
export function satisfies(version: string, constraint: Constraint): boolean {
  const parsed = parseVersion(version)
  return parsed !== undefined && allows(constraint, parsed)
}

/**
 * Picks from a repository's versions as Helm does: the one that is written exactly so, else the highest allowed one, of
 * equals the one created last. Versions without three parts are not on offer. A text that is no constraint allows nothing.
 */
export function chooseVersion<T extends Offer>(offers: readonly T[], text: string): T | undefined {
  const wanted = text.trim()
  const exact = offers.find(({ version }) => version === wanted)
  if (exact) return exact
  const constraint = parseConstraint(wanted === '' ? '*' : wanted)
  if (!constraint) return undefined
  let best: { offer: T; version: SemVer } | undefined
  for (const offer of offers) {
    // Indexes begin with the newest: most of the rest need not be looked at closely.
    if (best && isSurelyOlder(offer.version, best.version)) continue
    const version = parseStrictly(offer.version)
    if (!version || !allows(constraint, version)) continue
    const order = best ? version.compare(best.version) : 1
    const newer = order === 0 && (offer.created ?? '') > (best?.offer.created ?? '')
    if (order > 0 || newer) best = { offer, version }
  }
  return best?.offer
}

const threeParts = /^v?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?![0-9])/

function isSurelyOlder(text: string, than: SemVer): boolean {
  const [, major = '', minor = '', patch = ''] = threeParts.exec(text) ?? []
  if (major === '') return false
  const order =
    Number(major) - than.major || Number(minor) - than.minor || Number(patch) - than.patch
  return order < 0
}

function allows({ groups }: Constraint, version: SemVer): boolean {
  return groups.some((comparators) => {
    // One comparator with a pre-release opens its whole group to them.
    const open = comparators.some((one) => one.version.prerelease.length > 0)
    if (version.prerelease.length > 0 && !open) return false
    return comparators.every((one) => one.test(version, one))
  })
}

// Leniently, as the library does: "v", missing parts and leading zeros are all right.
function parseVersion(text: string): SemVer | undefined {
  const match = wholeVersion.exec(text)
  return match ? build(match[1], match[2], match[3], match[4]) : undefined
}

function parseStrictly(text: string): SemVer | undefined {
  return semver.parse(text.replace(/^v/, '')) ?? undefined
}

function build(major = '0', minor = '0', patch = '0', prerelease = ''): SemVer | undefined {
  const numbers = [major, minor, patch].map((digits) => digits.replace(/^0+(?=.)/, '')).join('.')
  return semver.parse(prerelease === '' ? numbers : `${numbers}-${prerelease}`) ?? undefined
}

// Comparator, separator, comparator, to the end. Not one expression for the whole: that could backtrack for ever.
function readGroup(text: string): Comparator[] | undefined {
  const comparators: Comparator[] = []
  let at = 0
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match
  }
  do {
    const match = next(comparator)
    const read = match && readComparator(match)
    if (!read) return undefined
    comparators.push(read)
    if (text.slice(at).trim() === '') return comparators
  } while (next(separator))
  return undefined
}

function readComparator(match: RegExpExecArray): Comparator | undefined {
  const [, sign = '', major = 'x', minor = 'x', patch = 'x', prerelease] = match
  const isOpen = (digits: string): boolean => /^[xX*]$/.test(digits)
  const open = isOpen(major) ? 'major' : isOpen(minor) ? 'minor' : isOpen(patch) ? 'patch' : 'none'
  const version =
    open === 'major'
      ? build('0', '0', '0', prerelease)
      : open === 'minor'
        ? build(major, '0', '0', prerelease)
        : build(major, minor, open === 'patch' ? '0' : patch, prerelease)
  const test = tests[sign]
  return version && test && { test, version, open }
}

const tests: Readonly<Record<string, Test>> = {
  '': isWithin,
  '=': isWithin,
  '!=': isWithout,
  '>': isAbove,
  '<': (version, limit) => version.compare(limit.version) < 0,
  '>=': (version, limit) => version.compare(limit.version) >= 0,
  '=>': (version, limit) => version.compare(limit.version) >= 0,
  '<=': isUpTo,
  '=<': isUpTo,
  '~': isTilde,
  '~>': isTilde,
  '^': isCaret,
}

function isWithin(version: SemVer, limit: Comparator): boolean {
  return limit.open === 'none' ? version.compare(limit.version) === 0 : isTilde(version, limit)
}

function isWithout(version: SemVer, limit: Comparator): boolean {
  const { version: other, open } = limit
  if (open === 'none') return version.compare(other) !== 0
  if (version.major !== other.major) return true
  if (open === 'minor') return false
  if (version.minor !== other.minor) return true
  if (open === 'major') return version.compare(other) !== 0
  // Of a whole minor version, "!=1.2.x-rc" leaves out just that pre-release.
  return version.comparePre(other) !== 0
}

function isAbove(version: SemVer, { version: other, open }: Comparator): boolean {
  if (open === 'none') return version.compare(other) > 0
  if (version.major !== other.major) return version.major > other.major
  if (open === 'minor') return false
  if (open === 'patch') return version.minor > other.minor
  return version.compare(other) > 0
}

function isUpTo(version: SemVer, { version: other, open }: Comparator): boolean {
  if (open === 'none') return version.compare(other) <= 0
  if (version.major > other.major) return false
  return version.major !== other.major || version.minor <= other.minor || open === 'minor'
}

function isTilde(version: SemVer, { version: other, open }: Comparator): boolean {
  if (version.compare(other) < 0) return false
  // "*" is "~0.0.0" with everything left open; the library treats the one written out alike, and so must we.
  const fromZero = other.major === 0 && other.minor === 0 && other.patch === 0
  if (fromZero && open !== 'minor' && open !== 'patch') return true
  return version.major === other.major && (version.minor === other.minor || open === 'minor')
}

function isCaret(version: SemVer, { version: other, open }: Comparator): boolean {
  if (version.compare(other) < 0 || version.major !== other.major) return false
  if (other.major > 0 || open === 'minor') return true
  if (version.minor !== other.minor) return false
  return other.minor > 0 || open === 'patch' || version.patch === other.patch
}
