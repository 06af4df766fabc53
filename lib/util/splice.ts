// Changes one member of a JSON text and leaves every other byte alone, numbers that we could not even read included.

/**
 * The text of a top-level object with the value of one member replaced by what edit() makes of it; undefined when there is
 * no such member. The text must be valid JSON.
 */
export function spliceMember(
  json: string,
  key: string,
  edit: (value: string) => string,
): string | undefined {
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const char = json[at]
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
    else if (char === '"') {
      const end = endOfString(json, at)
      const colon = skipSpace(json, end)
      if (depth === 1 && json[colon] === ':' && JSON.parse(json.slice(at, end)) === key) {
        const from = skipSpace(json, colon + 1)
        const to = endOfValue(json, from)
        return json.slice(0, from) + edit(json.slice(from, to)) + json.slice(to)
      }
      at = end - 1
    }
  }
  return undefined
}

// The index behind the closing quote.
function endOfString(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    if (json[at] === '\\') at++
    else if (json[at] === '"') return at + 1
  }
  return json.length
}

function endOfValue(json: string, from: number): number {
  let depth = 0
  let at = from
  while (at < json.length) {
    const char = json[at]
    if (char === '"') at = endOfString(json, at)
    else {
      if (depth === 0 && (char === ',' || char === '}' || char === ']')) return at
      if (char === '{' || char === '[') depth++
      else if (char === '}' || char === ']') depth--
      at++
    }
    if (depth === 0 && (char === '"' || char === '}' || char === ']')) return at
  }
  return at
}

function skipSpace(json: string, from: number): number {
  let at = from
  while (/\s/.test(json[at] ?? '')) at++
  return at
}
