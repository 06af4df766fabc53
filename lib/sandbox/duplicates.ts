// Which members of a JSON text come twice? A parser keeps the last one and says nothing.

type Frame = { path: string; seen: Set<string> | undefined; name: string; index: number }

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs

/** Paths of the members that come again in the same object, such as "spec.size"; the text is valid JSON. */
export function duplicateMembers(text: string): string[] {
  const found: string[] = []
  const frames: Frame[] = []
  let isName = false
  for (const [word] of text.matchAll(token)) {
    const top = frames.at(-1)
    if (word === '{' || word === '[') {
      const seen = word === '{' ? new Set<string>() : undefined
      frames.push({ path: top === undefined ? '' : placeIn(top), seen, name: '', index: 0 })
      isName = word === '{'
    } else if (word === '}' || word === ']') {
      frames.pop()
      isName = false
    } else if (word === ',') {
      isName = top?.seen !== undefined
      if (top !== undefined) top.index += 1
    } else if (word !== ':' && isName && top?.seen !== undefined) {
      isName = false
      top.name = JSON.parse(word) as string
      if (top.seen.has(top.name)) found.push(placeIn(top))
      top.seen.add(top.name)
    }
  }
  return [...new Set(found)]
}

function placeIn({ path, seen, name, index }: Frame): string {
  if (seen === undefined) return `${path}[${index}]`
  return path === '' ? name : `${path}.${name}`
}
