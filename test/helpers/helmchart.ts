// The operator's chart, as both Helms render it.
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { createRunner } from '../../lib/edge/exec.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { testBinaries } from './binaries.ts'

export const chartFolder = fileURLToPath(new URL('../../chart/helm-operator', import.meta.url))
export const kitchenSink = fileURLToPath(
  new URL('../fixtures/chart/kitchensink.yaml', import.meta.url),
)
export const bothHelms = [4, 3] as const

/** Runs a helm of that major version; answers with what it printed, or throws with what it complained of. */
export async function helm(major: 3 | 4, ...args: string[]): Promise<string> {
  const { helm3, helm4 } = await testBinaries()
  // No cluster that happens to be at hand.
  const run = createRunner({ env: { ...process.env, KUBECONFIG: '/nonexistent' } })
  try {
    return (await run([major === 3 ? helm3 : helm4, ...args])).stdout
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr || String(error), { cause: error })
  }
}

/** What `helm template` makes of the chart for a release "helm-operator" in namespace flux. */
export async function renderChart(major: 3 | 4, ...args: string[]): Promise<string> {
  return await helm(major, 'template', 'helm-operator', chartFolder, '--namespace=flux', ...args)
}

/** The same as objects. */
export async function chartObjects(...args: string[]): Promise<KubeObject[]> {
  const documents = parseAllDocuments(await renderChart(4, ...args), { version: '1.1' })
  return documents.map((one) => one.toJS() as KubeObject)
}

/** A file that stands in the chart. */
export async function readChartFile(path: string): Promise<string> {
  return await readFile(`${chartFolder}/${path}`, 'utf8')
}
