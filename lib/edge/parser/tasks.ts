// What is read in the parser's thread: all that others wrote and that may be large. Each task reads its input from what can be
// sent to a thread, or from disk, and answers with plain data of bounded extent.
import { stat } from 'node:fs/promises'
import { isCrdFile, readChartCrds } from '../../helm/chart-crds.ts'
import { fileDependencies, readChart, type ChartDependency } from '../../helm/chart.ts'
import { findCredentials, listRegistries } from '../../helm/dockerconfig.ts'
import { decodeValues } from '../../helm/document.ts'
import { decodeDryRun, decodeManifest, decodeStoredObjects } from '../../helm/rendered.ts'
import { readArchiveDigest, readTags, readToken } from '../../helm/registry.ts'
import { decodeRelease, statusPatch, type StatusMark } from '../../helm/storage.ts'
import type { JsonObject, KubeObject } from '../../model/json.ts'
import { readArchive } from '../source/archive.ts'
import { digestPacked, readChartDirectory } from '../source/directory.ts'
import { readIndexFile } from '../source/indexfile.ts'
import { dropDependencies, findMissing } from '../source/lean.ts'

type Place = { path: string; what: string }
type Inside = { inside: string; maxBytes: number }

// Enough to tell whoever has written another one.
const maxRegistries = 10

export const tasks = {
  // Throws Error, which says why the document is no values.
  values: (document: Uint8Array) => decodeValues(document),
  // The others throw ReconcileError.
  archive: async ({ path, what }: Place) => {
    const { files, digest } = await readArchive(path, what)
    return { ...readChart(files, what), digest }
  },
  directory: async ({ path, what }: Place) => readChart(await readChartDirectory(path, what), what),
  // Of an archive or a directory.
  crds: async ({ path, what, values }: Place & { values: JsonObject }) => {
    const isDirectory = (await stat(path)).isDirectory()
    const files = isDirectory
      ? await readChartDirectory(path, what, isCrdFile)
      : (await readArchive(path, what, isCrdFile)).files
    return readChartCrds(files, { values, what })
  },
  packedDigest: ({ path, what }: Place) => digestPacked(path, what),
  missing: ({ path, declared, what }: Place & { declared: readonly ChartDependency[] }) =>
    findMissing(path, declared, what),
  drop: ({ path, names }: { path: string; names: readonly string[] }) =>
    dropDependencies(path, names),
  fileDependencies: ({ name, text }: { name: string; text: string }) =>
    fileDependencies(name, text),
  index: ({ file, charts }: { file: string; charts: readonly string[] }) =>
    readIndexFile(file, charts),
  dryRun: decodeDryRun,
  manifest: decodeManifest,
  // A file of an archive; undefined when it has none, 'tooLarge' when that has more bytes than asked for.
  archiveFile: async ({ path, what, inside, maxBytes }: Place & Inside) => {
    const { files } = await readArchive(path, what, (one) => one === inside)
    const content = files.find((file) => file.path === inside)?.content
    return content !== undefined && content.length > maxBytes ? 'tooLarge' : content
  },
  registryTags: readTags,
  registryArchive: readArchiveDigest,
  registryToken: readToken,
  dockerConfig: ({ text, registry }: { text: string; registry: string }) => ({
    credentials: findCredentials(text, registry),
    registries: listRegistries(text)?.slice(0, maxRegistries),
  }),
  release: decodeRelease,
  releaseObjects: decodeStoredObjects,
  releaseStatus: ({ secret, mark }: { secret: KubeObject; mark: StatusMark }) =>
    statusPatch(secret, mark),
}

export type Tasks = typeof tasks
export type TaskName = keyof Tasks
export type Input<Name extends TaskName> = Parameters<Tasks[Name]>[0]
export type Output<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>

export type Request = { id: number; name: TaskName; input: unknown }
export type Failure = { message: string; code?: string; stack?: string }
export type Answer = { id: number } & ({ output: unknown } | { failure: Failure })
