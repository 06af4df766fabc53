// Objects that are stored, or would be, and what they become when a value in them is another one.
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { kindNames, objects, paths } from './objects.ts'

// A place by its number, and the value there.
export type Change = { at: number; to: unknown }
export type Json = Record<string, unknown>

export function pathOf({ kind, name }: { kind: number; name: string }, below = ''): string {
  return `${paths[kind]!}/${name}${below}`
}

/** The object as it was made for this kind, under another name. */
export function objectOf(kind: number, name: string): Json {
  const body = structuredClone(objects[kind]!) as Json & { metadata: Json }
  if (body['kind'] !== 'CustomResourceDefinition') body.metadata['name'] = name
  return body
}

export function storedAt(sandbox: Sandbox, kind: number, name: string): Json {
  const namespace = isInNamespace(kind) ? 'default' : undefined
  // A custom kind may have gone.
  const isServed = kindNames[kind] !== 'widgets.example.test' || isThere(sandbox)
  const found = isServed ? sandbox.api.get(kindNames[kind]!, namespace, name) : undefined
  return (found as Json | undefined) ?? objectOf(kind, name)
}

function isThere(sandbox: Sandbox): boolean {
  const crds = 'customresourcedefinitions.apiextensions.k8s.io'
  return sandbox.api.get(crds, undefined, 'widgets.example.test') !== undefined
}

function isInNamespace(kind: number): boolean {
  return paths[kind]!.includes('/namespaces/')
}

type Place = { holder: Json; key: string; path: string }

// Every place in a value, so that one of them can be another value.
export function placesIn(value: unknown, path = '', found: Place[] = []): Place[] {
  if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      const below = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      found.push({ holder: value as Json, key, path: below })
      placesIn(member, below, found)
    }
  return found
}

export function spoilt(value: Json, spoils: readonly Change[]): Json {
  const copy = structuredClone(value)
  for (const { at, to } of spoils) {
    const places = placesIn(copy)
    const place = places[at % places.length]
    if (place !== undefined) place.holder[place.key] = structuredClone(to)
  }
  return copy
}

// Of the stored object, the members on the way to one place, with another value there.
export function excerpt(stored: Json, { at, to }: Change): Json {
  const places = placesIn(stored)
  const place = places[at % places.length]
  if (place === undefined) return {}
  const steps = place.path.split('/').slice(1)
  const patch: Json = {}
  let into = patch
  for (const step of steps.slice(0, -1)) into = into[step] = {}
  into[steps.at(-1)!] = to
  return patch
}

export function valueIn(stored: Json, at: number): unknown {
  const places = placesIn(stored)
  const place = places[at % places.length]
  return place?.holder[place.key]
}
