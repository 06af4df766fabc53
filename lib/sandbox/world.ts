// What every part of the server is given: the store, the kinds, time and chance; and what is made from time and chance.
import type { Credentials } from './auth/identity/credentials.ts'
import type { Caller } from './auth/identity/user.ts'
import type { ReportError } from './failure.ts'
import type { Registry } from './registry.ts'
import type { Store } from './store.ts'
import type { Obj, ResourceDefinition, SandboxClock } from './types.ts'

export type World = {
  store: Store
  registry: Registry
  clock: SandboxClock
  // 0 <= random() < 1
  random: () => number
  credentials: Credentials
  // Is told of errors that no controller expected.
  report: ReportError
}

// Which object a request is about.
export type Target = {
  definition: ResourceDefinition
  namespace?: string | undefined
  name: string
}

export type WriteOptions = {
  manager: string
  dryRun?: boolean
  subresource?: string
  // Server-side apply has written its own managedFields.
  ownManagedFields?: boolean
  // Who asks; absent for the cluster's own controllers, who may do everything.
  caller?: Caller
}

/** Now, as metav1.Time writes it: UTC, whole seconds. */
export function timestamp({ clock }: Pick<World, 'clock'>, laterMs = 0): string {
  return new Date(clock.now() + laterMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

export function newUid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16))
  hex[12] = '4'
  hex[16] = (8 + Math.floor(random() * 4)).toString(16)
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

// Kubernetes leaves out vowels and what looks like another sign, so that no name spells a word.
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** The name that stands for a generateName: at most 63 characters, the last five of them chance. */
export function generatedName(base: string, random: () => number): string {
  const suffix = Array.from({ length: 5 }, () => {
    return suffixAlphabet[Math.floor(random() * suffixAlphabet.length)]!
  })
  return base.slice(0, 58) + suffix.join('')
}

/** The object with some of its metadata replaced; undefined takes a field away. */
export function withMeta(object: Obj, fields: { [key: string]: unknown }): Obj {
  const metadata = { ...object.metadata, ...fields } as Obj['metadata']
  for (const key of Object.keys(fields)) if (fields[key] === undefined) delete metadata[key]
  return { ...object, metadata }
}
