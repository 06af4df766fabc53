// The Secret that a chart source names, decoded, and what is said when there is something wrong with it.
import { Buffer } from 'node:buffer'
import { ReconcileError } from '../../model/errors.ts'
import type { Cluster } from '../../model/ports.ts'
import type { SecretRef } from '../../model/source.ts'

export type OpenSecret = {
  data: Readonly<Record<string, string>>
  // The error when it `state`s, such as: has no "password".
  invalid(state: string): ReconcileError
}

const secrets = { group: '', version: 'v1', plural: 'secrets', namespaced: true }

/** Reads a Secret. Throws ReconcileError ChartSourceInvalid when it does not exist, or ApiError. */
export async function openSecret(
  cluster: Pick<Cluster, 'get'>,
  { namespace, name }: SecretRef,
): Promise<OpenSecret> {
  const invalid = (state: string): ReconcileError =>
    new ReconcileError(
      'ChartSourceInvalid',
      `Cannot read the chart's credentials: Secret "${name}" in namespace "${namespace}" ${state}`,
    )
  const object = await cluster.get(secrets, name, namespace)
  if (!object) throw invalid('does not exist')
  const entries = Object.entries((object.data ?? {}) as Record<string, string>)
  const data = entries.map(([key, text]) => [key, Buffer.from(text, 'base64').toString()] as const)
  return { data: Object.fromEntries(data), invalid }
}
