// What is read in the parser's thread: all that others wrote and that may be large. Each task reads its input from what can be
// sent to a thread, or from disk, and answers with plain data of bounded extent.
import { readChart, type ChartContent } from '../../helm/chart.ts'
import { decodeValues } from '../../helm/document.ts'
import { manifestRefs } from '../../helm/manifest.ts'
import { decodeRelease, statusPatch } from '../../helm/storage.ts'
import { readArchive } from '../source/archive.ts'
import { readChartDirectory } from '../source/directory.ts'
import { readIndexFile } from '../source/indexfile.ts'

export type Chart = Pick<ChartContent, 'chart' | 'hookEvents' | 'dependencies'>

export const tasks = {
  // Throws Error, which says why the document is no values.
  values: (document: Uint8Array) => decodeValues(document),
  // The other tasks throw ReconcileError.
  archive: async ({ path, what }: { path: string; what: string }) => {
    const { files, digest } = await readArchive(path, what)
    return { ...readChart(files, what), digest }
  },
  directory: async ({ path, what }: { path: string; what: string }): Promise<Chart> =>
    readChart(await readChartDirectory(path, what), what),
  index: ({ file, charts }: { file: string; charts: readonly string[] }) =>
    readIndexFile(file, charts),
  release: decodeRelease,
  releaseStatus: ({
    secret,
    mark,
  }: {
    secret: Parameters<typeof statusPatch>[0]
    mark: Parameters<typeof statusPatch>[1]
  }) => statusPatch(secret, mark),
  manifest: manifestRefs,
}

export type Tasks = typeof tasks
export type TaskName = keyof Tasks
export type Input<Name extends TaskName> = Parameters<Tasks[Name]>[0]
export type Output<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>

export type Request = { id: number; name: TaskName; input: unknown }
export type Failure = { message: string; code?: string; stack?: string }
export type Answer = { id: number } & ({ output: unknown } | { failure: Failure })
