// Which subresources do built-in kinds have besides status and scale?
import type { ResourceDefinition } from './types.ts'

export type Extra = {
  name: string
  verbs: readonly string[]
  // The kind it speaks, where it is not the resource's own.
  kind?: string
  group?: string
  version?: string
}

const extras: Record<string, readonly Extra[]> = {
  '/pods': [
    { name: 'binding', verbs: ['create'], kind: 'Binding', group: '', version: 'v1' },
    { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
    { name: 'log', verbs: ['get'] },
    { name: 'resize', verbs: ['get', 'patch', 'update'] },
  ],
  '/namespaces': [{ name: 'finalize', verbs: ['update'] }],
  '/serviceaccounts': [
    {
      name: 'token',
      verbs: ['create'],
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
    },
  ],
}

export function extraSubresources({ group, plural, custom }: ResourceDefinition): readonly Extra[] {
  return custom ? [] : (extras[`${group}/${plural}`] ?? [])
}
