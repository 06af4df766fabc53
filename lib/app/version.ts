// Which version is this?
import { readAssets } from './assets.ts'

/** The version of the package. */
export async function readVersion(): Promise<string> {
  const [manifest] = await readAssets('package.json')
  return (JSON.parse(manifest!.text) as { version: string }).version
}
