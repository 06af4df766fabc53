// The refs of a mirror, and which of them a name means, by git's own rules.

export type Refs = {
  // As git printed them: equal if nothing has moved.
  text: string
  // Branches and tags by their short names.
  names: readonly string[]
  find(name: string): string | undefined
}

// The origin's HEAD is kept as a ref beside branches and tags: HEAD of the mirror itself would not follow it.
const originHead = 'refs/origin/HEAD'

/** What readRefs() wants "git for-each-ref --format" to print. */
export const refFormat = '%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)'

/** Reads the refs that git printed in refFormat. */
export function readRefs(text: string): Refs {
  const commits = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [object = '', type, target = '', targetType, ...name] = line.split(' ')
    // A tag of a tag is looked into no deeper, and there are tags of what is no commit: git is asked what those mean.
    if (name.length > 0 && (type === 'commit' || targetType === 'commit'))
      commits.set(name.join(' '), target === '' ? object : target)
  }
  const names = [...commits.keys()].map((name) => name.replace(/^refs\/(?:heads|tags)\//, ''))
  return {
    text,
    names: names.filter((name) => !name.startsWith('refs/')),
    find: (name) =>
      (isHead(name)
        ? [originHead]
        : [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`]
      )
        .map((full) => commits.get(full))
        .find((commit) => commit !== undefined),
  }
}

export type Revision = {
  // The name it starts from: "pull/1/head" of "pull/1/head~2".
  base: string
  // What brings it, for what is neither a branch nor a tag.
  spec?: string
  // What it is called in the mirror.
  local: string
}

/** Reads a revision as git writes them: a name, and where to go from there. Undefined for an option, or what can be no name. */
export function readRevision(ref: string): Revision | undefined {
  if (ref.startsWith('-') || /[\u0000-\u001f]/.test(ref)) return undefined
  const { base = '', rest = '' } = /^(?<base>@(?!\{)|[^~^:@]*)(?<rest>.*)$/s.exec(ref)?.groups ?? {}
  if (isHead(base)) return { base, spec: anyWith('HEAD', originHead), local: originHead + rest }
  const name = fullName(base)
  return { base, local: ref, ...(name === undefined ? {} : { spec: anyWith(name, name) }) }
}

// git's own short form of it is "@".
function isHead(name: string): boolean {
  return name === 'HEAD' || name === '@'
}

// A pattern, because one name that has gone would make the whole fetch fail.
function anyWith(name: string, local: string): string {
  return `+${name}*:${local}*`
}

// "refs/pull/1/head" or "pull/1/head".
function fullName(name: string): string | undefined {
  if (!/^[\w][\w./-]*$/.test(name) || !name.includes('/') || name.includes('..')) return undefined
  return name.startsWith('refs/') ? name : `refs/${name}`
}
