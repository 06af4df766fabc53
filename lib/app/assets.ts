// The files of the repository that the program needs while it runs: package.json, the CRDs and the examples.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { embedded, type Asset } from '../util/embedded.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What there is to be read: files, and folders with all that is in them. */
export const assetPaths = ['package.json', 'crds', 'examples'] as const

/** The files at or below one of these paths, in the order of their paths. */
export async function readAssets(path: (typeof assetPaths)[number]): Promise<readonly Asset[]> {
  if (embedded !== undefined)
    return embedded.filter((asset) => asset.path === path || asset.path.startsWith(`${path}/`))
  const paths = path.includes('.') ? [path] : await listFiles(path)
  return await Promise.all(
    paths.map(async (one) => ({ path: one, text: await readFile(join(root, one), 'utf8') })),
  )
}

/** Writes a folder of assets below a directory, by the same paths, for programs that read files. */
export async function writeAssets(
  folder: 'crds' | 'examples',
  directory: string,
): Promise<readonly Asset[]> {
  const assets = await readAssets(folder)
  for (const { path, text } of assets) {
    const file = join(directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return assets
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))
    .sort()
}
