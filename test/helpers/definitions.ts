// Custom kinds in the crds/ of charts, and what has become of them in a cluster.
import type { HelmBench } from './helm.ts'

/** A kind of group "example.com" that is told from others of its name by a description. */
export function definition(
  singular: string,
  { group = 'example.com', says = 'older' } = {},
): string {
  const kind = singular[0]!.toUpperCase() + singular.slice(1)
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${singular}s.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: ${kind}, plural: ${singular}s, singular: ${singular} }
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, description: ${says} } } }
`
}

/** "older" or "newer", as definition() was told; empty when there is no such CRD. */
export function descriptionOf(
  { kubectl }: Pick<HelmBench, 'kubectl'>,
  name: string,
): Promise<string> {
  const path = '{.spec.versions[0].schema.openAPIV3Schema.description}'
  return kubectl('get', 'crd', name, '--ignore-not-found', '-o', `jsonpath=${path}`)
}

/** Who owns fields of an object beside Kubernetes and the operator, which notes its owner, as "helm Apply". */
export async function ownersOf(
  { kubectl, namespace }: Pick<HelmBench, 'kubectl' | 'namespace'>,
  ...object: string[]
): Promise<string[]> {
  const path = '{range .metadata.managedFields[*]}{.manager} {.operation}{"\\n"}{end}'
  const said = await kubectl('get', ...object, '-n', namespace, '-o', `jsonpath=${path}`)
  return said.split('\n').filter((line) => line !== '' && !/^(?:kube-|helm-operator )/.test(line))
}
