// What does a JSON patch (RFC 6902) make of an object?
import { explainDepth } from './depth.ts'
import { equalJson } from './equal.ts'
import { isMap, setMember } from './schema.ts'
import { StatusError } from './types.ts'

type Operation = { op: string; path: string; from?: string; value?: unknown }

// Limits of a real server: what is copied counts again each time, because copies of copies grow beyond every bound.
const maxOperations = 10_000
const maxCopied = 3 * 1024 * 1024

/**
 * The patched value. Throws StatusError: 400 for what is no patch, 413 for too long a patch, 422 for one that does not fit or
 * whose result is nested too deep. The argument stays.
 */
export function applyJsonPatch(current: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw new StatusError(400, 'BadRequest', 'error decoding patch: a JSON patch is a list')
  if (patch.length > maxOperations) throw tooManyOperations(patch.length)
  const state: State = { document: structuredClone(current), copied: 0 }
  for (const operation of patch) state.document = applied(state, checked(operation))
  checkDepth(state.document)
  return state.document
}

type State = { document: unknown; copied: number }

function tooManyOperations(count: number): StatusError {
  const message = `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${count}`
  return new StatusError(413, 'RequestEntityTooLarge', message)
}

function checkDepth(value: unknown): void {
  if (explainDepth(value) !== undefined) throw doesNotFit()
}

function checked(operation: unknown): Operation {
  if (!isMap(operation) || typeof operation['path'] !== 'string') throw doesNotFit()
  return operation as Operation
}

function applied(state: State, operation: Operation): unknown {
  const { document } = state
  const { op, path, from = '', value } = operation
  switch (op) {
    case 'add':
      return added(document, path, structuredClone(value))
    case 'remove':
      return removed(document, path)
    case 'replace':
      if (valueAt(document, path) === undefined) throw doesNotFit()
      return path === '' ? value : added(removed(document, path), path, structuredClone(value))
    case 'move': {
      const moved = mustExist(document, from)
      return added(removed(document, from), path, moved)
    }
    case 'copy':
      return added(document, path, copied(state, from))
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
  return value
}

function copied(state: State, path: string): unknown {
  const value = mustExist(state.document, path)
  checkDepth(value)
  const text = JSON.stringify(value)
  state.copied += text.length
  if (state.copied > maxCopied) throw doesNotFit()
  return JSON.parse(text) as unknown
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

function removed(document: unknown, path: string): unknown {
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
