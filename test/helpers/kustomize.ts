// What a kustomization renders to, as objects.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { createRunner } from '../../lib/edge/exec.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { testBinaries } from './binaries.ts'

/** Every kustomization of ours that is meant to be applied. */
export const kustomizations = [
  'kustomize/base',
  'kustomize/overlays/kind',
  'kustomize/overlays/least-privilege',
  'kustomize/overlays/namespaced',
] as const

/** The objects of a kustomization, rendered by kubectl; `folder` is relative to the project. */
export async function renderKustomization(folder: string): Promise<KubeObject[]> {
  const { kubectl } = await testBinaries()
  const path = fileURLToPath(new URL(`../../${folder}`, import.meta.url))
  const { stdout } = await createRunner({ env: process.env })([kubectl, 'kustomize', path])
  // As Kubernetes reads it, which is where 0400 is an octal number.
  return parseAllDocuments(stdout, { version: '1.1' }).map((one) => one.toJS() as KubeObject)
}
