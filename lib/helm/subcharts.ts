// Which charts does a release consist of? A chart and its subcharts, without those that its values switch off: the rules are
// those of Helm's ProcessDependencies, https://helm.sh/docs/topics/charts/#tags-and-condition-fields-in-dependencies.
import type { Json, JsonObject } from '../model/json.ts'
import { isMap, mergeValues } from '../util/merge.ts'
import { readChart, type ChartDependency, type ChartFile } from './chart.ts'
import { parseConstraint, satisfies } from './constraint.ts'

/** One chart of a tree. Paths of its files are below its own directory, and those of its subcharts are not among them. */
export type ChartNode = {
  name: string
  version: string
  values: JsonObject
  dependencies: readonly ChartDependency[]
  files: readonly ChartFile[]
  subcharts: readonly ChartNode[]
}

// Archives are read no deeper either.
const maxDepth = 8

/** The tree of charts that these files make. Throws ReconcileError ChartInvalid; `what` names the chart in the message. */
export function readChartTree(files: readonly ChartFile[], what: string, depth = 0): ChartNode {
  const own: ChartFile[] = []
  const below = new Map<string, ChartFile[]>()
  for (const file of files) {
    const [, directory, path] = /^charts\/([^/_.][^/]*)\/(.+)$/.exec(file.path) ?? []
    if (directory === undefined || path === undefined) {
      own.push(file)
      continue
    }
    const inner = below.get(directory) ?? []
    inner.push({ ...file, path })
    below.set(directory, inner)
  }
  const { chart, dependencies } = readChart(own, what)
  const subcharts =
    depth === maxDepth
      ? []
      : [...below].map(([name, inner]) =>
          readChartTree(inner, `${what}, charts/${name}`, depth + 1),
        )
  const { name, version } = chart
  return { name, version, values: asMap(chart.values), dependencies, files: own, subcharts }
}

/** The chart and those of its subcharts that are enabled with these values, each before the ones that it brings itself. */
export function enabledCharts(chart: ChartNode, values: JsonObject): ChartNode[] {
  return enabledBelow(chart, values, [])
}

function enabledBelow(chart: ChartNode, values: JsonObject, path: readonly string[]): ChartNode[] {
  const linked = { ...chart, subcharts: linkedSubcharts(chart) }
  const all = coalesce(linked, values)
  const disabled = new Set(
    chart.dependencies.filter((one) => !isEnabled(one, all, path)).map(nameOf),
  )
  const enabled = linked.subcharts.filter(({ name }) => !disabled.has(name))
  return [linked, ...enabled.flatMap((one) => enabledBelow(one, all, [...path, one.name]))]
}

// What Chart.yaml names stands under its alias, once for each; what it does not name is there all the same.
function linkedSubcharts({ subcharts, dependencies }: ChartNode): ChartNode[] {
  const isUnnamed = (chart: ChartNode): boolean => !dependencies.some((one) => fits(chart, one))
  const named = dependencies.flatMap((dependency) => {
    const found = subcharts.find((chart) => fits(chart, dependency))
    return found === undefined ? [] : [{ ...found, name: nameOf(dependency) }]
  })
  return [...subcharts.filter(isUnnamed), ...named]
}

function fits(chart: ChartNode, { name, version }: ChartDependency): boolean {
  const constraint = parseConstraint(version === '' ? '*' : version)
  return chart.name === name && constraint !== undefined && satisfies(chart.version, constraint)
}

function nameOf({ name, alias }: ChartDependency): string {
  return alias ?? name
}

// The values of a chart as its templates would see them, with those of its subcharts below their names.
function coalesce(chart: ChartNode, values: JsonObject): JsonObject {
  return chart.subcharts.reduce(
    (all, subchart) => {
      const given = asMap(all[subchart.name])
      const global = mergeValues(asMap(given['global']), asMap(all['global']))
      return mergeValues(all, { [subchart.name]: coalesce(subchart, { ...given, global }) })
    },
    mergeValues(chart.values, values),
  )
}

// The first condition that is true or false decides; else one tag that is true, or none that is false.
function isEnabled(
  { condition = '', tags = [] }: ChartDependency,
  values: JsonObject,
  path: readonly string[],
): boolean {
  const said = condition
    .trim()
    .split(',')
    .map((one) => valueAt(values, [...path, ...one.split('.')]))
    .find((value) => typeof value === 'boolean')
  if (said !== undefined) return said
  const flags = tags.map((tag) => valueAt(values, ['tags', tag]))
  return flags.includes(true) || !flags.includes(false)
}

function valueAt(values: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = values
  for (const step of path)
    value = isMap(value) && Object.hasOwn(value, step) ? (value[step] as Json) : undefined
  return value
}

function asMap(value: Json | undefined): JsonObject {
  return isMap(value) ? (value as JsonObject) : {}
}
