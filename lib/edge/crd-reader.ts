// Reads what a chart has in crds/, in the parser's thread. Helm could print it, but not without a process, and not without what
// subcharts have that are switched off.
import { ReconcileError } from '../model/errors.ts'
import type { ReadChartCrds } from '../model/ports.ts'
import type { Parser } from './parser/parser.ts'

/** A reader of crds/ by this parser. */
export function createCrdReader(parser: Parser): ReadChartCrds {
  return ({ path, digest, chart }, values) => {
    const what = `"${chart.name}" ${chart.version}`
    return parser.run(
      'crds',
      { path, what, values },
      {
        identity: () => `crds/ of ${digest}`,
        refuse: (why) =>
          new ReconcileError('ChartInvalid', `Cannot read crds/ of chart ${what}: ${why}`),
      },
    )
  }
}
