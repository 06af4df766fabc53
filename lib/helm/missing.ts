// What was not there when helm failed, as far as it names it: an attempt is worth while as soon as it is.
import { ApiError, CommandError, type ReconcileError } from '../model/errors.ts'
import type { Prerequisite } from '../model/memory.ts'
import { errorText } from './failure.ts'

// Enough for a status; whatever more is missing is found by the next attempt.
const mostNamed = 10

/** The kinds and the namespace that the API server did not have; empty when helm failed for another reason. */
export function missingFor({ code, cause }: ReconcileError): readonly Prerequisite[] {
  const text = textOf(cause)
  if (text === undefined) return []
  if (code === 'KindNotServed') return missingKinds(text)
  if (code !== 'TargetNamespaceNotFound') return []
  const [, missing, ending] =
    /namespaces "([^"]+)" not found|in namespace (\S+) because it is being terminated/.exec(text) ??
    []
  const name = missing ?? ending
  return name === undefined ? [] : [{ apiVersion: 'v1', kind: 'Namespace', name }]
}

function textOf(cause: unknown): string | undefined {
  if (cause instanceof CommandError) return errorText(cause.stderr)
  return cause instanceof ApiError ? cause.answer : undefined
}

function missingKinds(text: string): readonly Prerequisite[] {
  const found = new Map<string, Prerequisite>()
  for (const [, kind = '', apiVersion = ''] of text.matchAll(
    /no matches for kind "([^"]+)" in version "([^"]+)"/g,
  ))
    found.set(`${apiVersion} ${kind}`, { apiVersion, kind })
  // Helm does not always say which: then any new kind may be the one.
  if (found.size === 0) return [anyDefinition]
  return [...found.values()].slice(0, mostNamed)
}

const apiVersion = 'apiextensions.k8s.io/v1'
const anyDefinition = { apiVersion, kind: 'CustomResourceDefinition' }
