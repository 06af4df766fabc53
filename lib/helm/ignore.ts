// Which files of a chart's directory does Helm leave out? The rules of .helmignore, which are not quite those of git.

export type IgnoreRules = (path: string, isDirectory: boolean) => boolean

type Rule = { negate: boolean; directoryOnly: boolean; matches: (path: string) => boolean }

/** Reads a .helmignore ('' when there is none). The answer is about one path alone: ask for its parents first. */
export function parseIgnore(text: string): IgnoreRules {
  // Helm adds this one itself: hidden files are no templates.
  const rules = [...text.split('\n'), 'templates/.?*'].flatMap(parseRule)
  return (path, isDirectory) => {
    for (const { negate, directoryOnly, matches } of rules) {
      const applies = (isDirectory || !directoryOnly) && matches(path)
      // A negated rule leaves out whatever it does not match: that is how Helm reads it.
      if (negate ? !applies : applies) return true
    }
    return false
  }
}

/** Does a file of a chart's directory belong to the chart, given the rules of its .helmignore? */
export function isIgnored(path: string, rules: IgnoreRules): boolean {
  const parts = path.split('/')
  const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'))
  return parents.some((parent) => rules(parent, true)) || rules(path, false)
}

function parseRule(line: string): Rule[] {
  const raw = line.replace(/^\uFEFF/, '').trim()
  if (raw === '' || raw.startsWith('#')) return []
  const negate = raw.startsWith('!')
  const directoryOnly = raw.endsWith('/')
  const rule = raw.slice(negate ? 1 : 0, directoryOnly ? -1 : undefined)
  const glob = compileGlob(rule.replace(/^\//, ''))
  const byName = !rule.includes('/')
  const matches = (path: string): boolean =>
    glob.test(byName ? path.slice(path.lastIndexOf('/') + 1) : path)
  return [{ negate, directoryOnly, matches }]
}

// Go's filepath.Match: stars and question marks stop at slashes, classes are negated with "^".
function compileGlob(glob: string): { test: (path: string) => boolean } {
  const parts = [...glob.matchAll(/\*+|\[\^?(?:\\.|[^\]\\])+\]|\\.|[^]/g)].map(([part]) => part)
  const tokens = parts.map((part) => (part.startsWith('*') ? 'star' : compileOne(part)))
  return { test: (path) => matchTokens(tokens, path) }
}

type Token = 'star' | ((char: string) => boolean)

function compileOne(part: string): Token {
  if (part === '?') return (char) => char !== '/'
  if (part.length < 3) return (char) => char === part.slice(-1)
  const [, not, members = ''] = /^\[(\^?)(.*)\]$/s.exec(part) ?? []
  const ranges = [...members.matchAll(/(\\?[^])(?:-(\\?[^]))?/g)].map(([, from, to = from]) => [
    from!.slice(-1),
    to!.slice(-1),
  ])
  return (char) => char !== '/' && ranges.some(([a, b]) => char >= a! && char <= b!) === !not
}

// Goes back to the last star only: a regular expression would try every combination of all stars.
function matchTokens(tokens: readonly Token[], path: string): boolean {
  let [at, token, starAt, starToken] = [0, 0, -1, -1]
  while (at < path.length || token < tokens.length) {
    const one = tokens[token]
    if (one === 'star') {
      starAt = at
      starToken = token++
    } else if (one !== undefined && at < path.length && one(path[at]!)) {
      at++
      token++
    } else if (starToken >= 0 && starAt < path.length && path[starAt] !== '/') {
      at = ++starAt
      token = starToken + 1
    } else return false
  }
  return true
}
