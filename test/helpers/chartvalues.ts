// The tables of the chart's README, made from values.schema.json and values.yaml.
import { format } from 'prettier'

export type ValueSchema = {
  description?: string
  deprecated?: boolean
  properties?: Record<string, ValueSchema>
}
export type ChartValue = {
  name: string
  description: string
  isRetired: boolean
  fallback: unknown
}

/** Every value of the chart, as "image.tag", in the order of the schema. */
export function listValues(
  { properties = {} }: ValueSchema,
  values: unknown,
  at = '',
): ChartValue[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = at === '' ? key : `${at}.${key}`
    const fallback = (values as Record<string, unknown> | undefined)?.[key]
    if (schema.properties) return listValues(schema, fallback, name)
    const { description = '', deprecated: isRetired = false } = schema
    return [{ name, description, isRetired, fallback }]
  })
}

/** The document with what stands between "<!-- values -->" or "<!-- retired -->" and "<!-- end -->" made anew. */
export async function renderChartReadme(document: string, values: ChartValue[]): Promise<string> {
  const [retired, known] = [true, false].map((wanted) =>
    values.filter(({ isRetired }) => isRetired === wanted),
  )
  const rows = known!.map(
    ({ name, fallback, description }) => `| \`${name}\` | ${shown(fallback)} | ${description} |`,
  )
  const table = ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
  const names = retired!.map(({ name }) => `\`${name}\``).join(', ')
  const rendered = document
    .replace(/(<!-- values -->\n)[\s\S]*?(<!-- end -->)/, (_, a, b) => `${a}\n${table}\n\n${b}`)
    .replace(/(<!-- retired -->\n)[\s\S]*?(<!-- end -->)/, (_, a, b) => `${a}\n${names}\n\n${b}`)
  return await format(rendered, { parser: 'markdown', printWidth: 100 })
}

function shown(fallback: unknown): string {
  if (fallback === undefined || fallback === '') return ''
  const text = typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
  // A cell that is read, not scrolled.
  return text.length > 60 ? 'see values.yaml' : `\`${text}\``
}
