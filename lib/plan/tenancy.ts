// What the operator's configuration lets HelmReleases name: a service account, namespaces of references, a target namespace.
// This is no fence around what a chart contains: only the rights of the service account are.
import type { HelmRelease, Refusal } from '../model/release.ts'

export type TenancyPolicy = {
  // For HelmReleases that name no service account, in the namespace of each.
  defaultServiceAccount?: string
  noCrossNamespaceRefs: boolean
  // Globs; the namespace of the HelmRelease itself is always allowed. Absent: every namespace is.
  allowedTargetNamespaces?: readonly string[]
}

/** The HelmRelease as the policy has it: with an identity, and with a refusal if it asks for what the policy forbids. */
export function applyTenancy(desired: HelmRelease, policy: TenancyPolicy): HelmRelease {
  const { key, identity, refusal } = desired
  const fallback = policy.defaultServiceAccount
  const account = fallback === undefined ? undefined : { namespace: key.namespace, name: fallback }
  const refused = refusal ?? refuseTarget(desired, policy) ?? refuseReferences(desired, policy)
  return { ...desired, identity: identity ?? account, ...(refused && { refusal: refused }) }
}

function refuseTarget(
  { key: { namespace }, targetNamespace }: HelmRelease,
  { allowedTargetNamespaces: globs }: TenancyPolicy,
): Refusal | undefined {
  if (globs === undefined || targetNamespace === namespace) return undefined
  const allowed = globs.map((glob) => glob.replaceAll('{namespace}', namespace))
  if (allowed.some((glob) => matchesGlob(targetNamespace, glob))) return undefined
  const names = [namespace, ...allowed].map((name) => `"${name}"`).join(', ')
  return {
    of: 'release',
    why: `Cannot release to namespace "${targetNamespace}": the operator lets HelmReleases of namespace "${namespace}" release to ${names} only; correct spec.targetNamespace, or extend --allowed-target-namespaces`,
  }
}

function refuseReferences(
  { key: { namespace }, source, values }: HelmRelease,
  { noCrossNamespaceRefs }: TenancyPolicy,
): Refusal | undefined {
  if (!noCrossNamespaceRefs) return undefined
  const secret = source.kind === 'invalid' ? undefined : source.secretRef
  const objects = values.from.flatMap((from) =>
    from.kind === 'ConfigMap' || from.kind === 'Secret' ? [from] : [],
  )
  const references = [...objects, ...(secret ? [{ kind: 'Secret', ...secret }] : [])]
  const foreign = references.find((reference) => reference.namespace !== namespace)
  if (foreign === undefined) return undefined
  return {
    of: 'references',
    why: `Cannot use ${foreign.kind} "${foreign.name}" in namespace "${foreign.namespace}": the operator runs with --no-cross-namespace-refs; put it into namespace "${namespace}" and refer to it there`,
  }
}

// "*" stands for any number of characters, "?" for one.
function matchesGlob(name: string, glob: string): boolean {
  const pattern = glob.replace(/[^*?]+/g, (text) => text.replace(/[.+^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name)
}
