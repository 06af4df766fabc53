// What helm would apply, without applying it. Helm renders with the cluster's answers to lookups and with its capabilities, where
// the cluster serves all kinds of the chart; before a first install whose crds/ are not there yet, without the cluster.
import { missingFor } from '../helm/missing.ts'
import { ReconcileError } from '../model/errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { HelmDriver } from '../model/ports.ts'
import type { Rendered } from '../model/rendered.ts'
import type { Prerequisite } from '../model/memory.ts'
import { digestJson } from '../util/digest.ts'
import type { Parser } from './parser/parser.ts'

type Call = Parameters<HelmDriver['render']>[0]

export type Rendering = {
  parser: Parser
  // Runs helm upgrade --dry-run, and helm template; both answer with stdout.
  dryRun: () => Promise<string>
  template: () => Promise<string>
}

/** Throws ReconcileError as install() and upgrade() do for what helm refuses before it changes anything. */
export async function render(
  call: Call,
  { parser, dryRun, template }: Rendering,
): Promise<Rendered> {
  const { artifact, values, release } = call
  const parsing = {
    identity: () => digestJson([artifact.digest, values]),
    refuse: (why: string) =>
      new ReconcileError(
        'RenderFailed',
        `Cannot validate release "${release.releaseName}" in namespace "${release.targetNamespace}": its objects are too much, ${why}`,
      ),
  }
  try {
    return await parser.run('dryRun', await dryRun(), parsing)
  } catch (error) {
    // An upgrade installs no CRDs.
    if (!(error instanceof ReconcileError) || error.code !== 'KindNotServed') throw error
    if (call.action === 'upgrade' || release.skipCrds) throw error
    const rendered = await parser.run('manifest', await template(), parsing)
    if (!bringsKinds(rendered, missingFor(error))) throw error
    const note = 'what templates ask the cluster (its CRDs come with this install)'
    return { ...rendered, notes: [...rendered.notes, note] }
  }
}

function bringsKinds({ objects }: Rendered, missing: readonly Prerequisite[]): boolean {
  const brought = new Set(
    objects
      .filter(({ part }) => part === 'crds')
      .flatMap(({ object }) => kindsOf(object['spec'] as JsonObject | undefined)),
  )
  return missing.every(({ apiVersion, kind }) => brought.has(`${apiVersion} ${kind}`))
}

function kindsOf(spec: JsonObject | undefined): string[] {
  const { group, names, versions } = (spec ?? {}) as {
    group?: string
    names?: { kind?: string }
    versions?: { name?: string }[]
  }
  return Array.isArray(versions)
    ? versions.map((version) => `${group}/${version?.name} ${names?.kind}`)
    : []
}
