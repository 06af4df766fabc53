// Charts, read in the parser's thread: from archives, from directories, and what git must bring besides.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { ChartContent, ChartDependency } from '../../helm/chart.ts'
import { ReconcileError } from '../../model/errors.ts'
import { digestText } from '../../util/digest.ts'
import { isLittle } from './little.ts'
import type { Call, Parser } from './parser.ts'

/** Every method throws ReconcileError ChartInvalid; `what` names the chart in the message. */
export type ChartReader = {
  // The digest is that of the archive's bytes.
  archive(path: string, what: string): Promise<ChartContent & { digest: string }>
  // The directory must never change: it is named by its content.
  directory(path: string, what: string): Promise<ChartContent>
  // Over the content of packed subcharts.
  packedDigest(path: string, what: string): Promise<string>
  // Names of dependencies that are not in charts/.
  missing(path: string, declared: readonly ChartDependency[], what: string): Promise<string[]>
  // Takes these out of Chart.yaml and requirements.yaml.
  drop(path: string, names: readonly string[], what: string): Promise<void>
  // What a Chart.yaml or requirements.yaml refers to by file://.
  fileDependencies(name: string, text: string): Promise<string[]>
}

/** A reader of charts by this parser. */
export function createChartReader(parser: Parser): ChartReader {
  const lasting = (path: string, what: string): Call => ({
    identity: () => path,
    refuse: refusing(what),
  })
  return {
    archive: (path, what) =>
      parser.run(
        'archive',
        { path, what },
        { identity: () => digestFile(path), refuse: refusing(what) },
      ),
    directory: (path, what) => parser.run('directory', { path, what }, lasting(path, what)),
    packedDigest: (path, what) => parser.run('packedDigest', { path, what }, lasting(path, what)),
    missing: (path, declared, what) =>
      parser.run('missing', { path, declared, what }, lasting(path, what)),
    drop: (path, names, what) =>
      parser.run(
        'drop',
        { path, names },
        { identity: () => digestFile(join(path, 'Chart.yaml')), refuse: refusing(what) },
      ),
    fileDependencies: (name, text) =>
      parser.run(
        'fileDependencies',
        { name, text },
        {
          ...{
            isLittle: isLittle(Buffer.from(text)),
            identity: () => digestText(text),
            refuse: refusing(`with this ${name}`),
          },
        },
      ),
  }
}

function refusing(what: string): Call['refuse'] {
  return (why) => new ReconcileError('ChartInvalid', `Cannot read chart ${what}: ${why}`)
}

/** "sha256:…" over the bytes of a file, in pieces that hold nobody up. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return `sha256:${hash.digest('hex')}`
}
