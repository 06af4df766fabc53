// The refs of a mirror, and which of them a name means, by git's own rules.

export type Refs = {
  // As git printed them: equal if nothing has moved.
  text: string
  // Branches and tags by their short names.
  names: readonly string[]
  find(name: string): string | undefined
}

/** What readRefs() wants "git for-each-ref --format" to print. */
export const refFormat = '%(objectname) %(objecttype) %(*objectname) %(refname)'

/** Reads the refs that git printed in refFormat. */
export function readRefs(text: string): Refs {
  const commits = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [object = '', type, target, ...name] = line.split(' ')
    const commit = target === '' ? object : target
    if (name.length > 0 && (type === 'commit' || target !== ''))
      commits.set(name.join(' '), commit ?? object)
  }
  const names = [...commits.keys()].map((name) => name.replace(/^refs\/(?:heads|tags)\//, ''))
  return {
    text,
    names: names.filter((name) => !name.startsWith('refs/')),
    find: (name) =>
      [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`]
        .map((full) => commits.get(full))
        .find((commit) => commit !== undefined),
  }
}
