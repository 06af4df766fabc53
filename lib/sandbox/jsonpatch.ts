// What does a JSON patch (RFC 6902) make of an object?
import { equalJson } from './equal.ts'
import { isMap, setMember } from './schema.ts'
import { StatusError } from './types.ts'

type Operation = { op: string; path: string; from?: string; value?: unknown }

/** The patched value. Throws StatusError: 400 for what is no patch, 422 for one that does not fit. The argument stays. */
export function applyJsonPatch(current: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw new StatusError(400, 'BadRequest', 'error decoding patch: a JSON patch is a list')
  let document = structuredClone(current)
  for (const operation of patch) document = applied(document, checked(operation))
  return document
}

function checked(operation: unknown): Operation {
  if (!isMap(operation) || typeof operation['path'] !== 'string') throw doesNotFit()
  return operation as Operation
}

function applied(document: unknown, operation: Operation): unknown {
  const { op, path, from = '', value } = operation
  switch (op) {
    case 'add':
      return added(document, path, structuredClone(value))
    case 'remove':
      return removed(document, path)
    case 'replace':
      if (valueAt(document, path) === undefined) throw doesNotFit()
      return path === '' ? value : added(removed(document, path), path, structuredClone(value))
    case 'move':
      return added(removed(document, from), path, mustExist(document, from))
    case 'copy':
      return added(document, path, mustExist(document, from))
    case 'test':
      // A member that is missing counts as null.
      if (!equalJson(valueAt(document, path) ?? null, value ?? null)) throw doesNotFit()
      return document
    default:
      throw doesNotFit()
  }
}

function mustExist(document: unknown, path: string): unknown {
  const value = valueAt(document, path)
  if (value === undefined) throw doesNotFit()
  return structuredClone(value)
}

function added(document: unknown, path: string, value: unknown): unknown {
  if (path === '') return value
  const { parent, name } = place(document, path)
  if (Array.isArray(parent)) {
    const index = name === '-' ? parent.length : indexIn(parent.length + 1, name)
    parent.splice(index, 0, value)
  } else if (isMap(parent)) setMember(parent, name, value)
  else throw doesNotFit()
  return document
}

// Works on a copy, so that "move" can still read what it moves.
function removed(original: unknown, path: string): unknown {
  const document = structuredClone(original)
  const { parent, name } = place(document, path)
  if (Array.isArray(parent)) parent.splice(indexIn(parent.length, name), 1)
  else if (isMap(parent) && Object.hasOwn(parent, name)) delete parent[name]
  else throw doesNotFit()
  return document
}

function place(document: unknown, path: string): { parent: unknown; name: string } {
  const at = path.lastIndexOf('/')
  if (at < 0) throw doesNotFit()
  return { parent: valueAt(document, path.slice(0, at)), name: unescaped(path.slice(at + 1)) }
}

function valueAt(document: unknown, path: string): unknown {
  let value = document
  for (const step of path.split('/').slice(1)) {
    const name = unescaped(step)
    if (Array.isArray(value)) value = value[indexIn(value.length, name)]
    else value = isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}

function indexIn(length: number, name: string): number {
  const index = Number(name)
  if (!/^\d+$/.test(name) || index >= length) throw doesNotFit()
  return index
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

function doesNotFit(): StatusError {
  const message = 'the server rejected our request due to an error in our request'
  return new StatusError(422, 'Invalid', message, {})
}
