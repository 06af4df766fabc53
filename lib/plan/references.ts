// What is a HelmRelease made of, besides itself?
import type { HelmRelease } from '../model/release.ts'

export type Reference = { kind: 'ConfigMap' | 'Secret'; namespace: string; name: string }

/** Every ConfigMap and Secret that values or credentials come from, each once; none where they may not be used. */
export function referencesOf({ source, values, refusal }: HelmRelease): Reference[] {
  if (refusal !== undefined) return []
  const secret = source.kind === 'invalid' ? undefined : source.secretRef
  const found = [
    ...values.from.flatMap((from) =>
      from.kind === 'ConfigMap' || from.kind === 'Secret' ? [from] : [],
    ),
    ...(secret === undefined ? [] : [{ kind: 'Secret' as const, ...secret }]),
  ].map(({ kind, namespace, name }): Reference => ({ kind, namespace, name }))
  return [...new Map(found.map((one) => [formatReference(one), one])).values()]
}

/** The files that values come from, relative to the chart. */
export function chartFilesOf({ values }: HelmRelease): string[] {
  return values.from.flatMap((from) => (from.kind === 'chartFile' ? [from.path] : []))
}

/** "Secret/shop/db": what tells one from another. */
export function formatReference({ kind, namespace, name }: Reference): string {
  return `${kind}/${namespace}/${name}`
}
