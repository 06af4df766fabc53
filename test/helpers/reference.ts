// The tables of docs/reference/helmrelease.md, made from the descriptions in the CRDs.
import { format } from 'prettier'

export type Schema = {
  type?: string
  description?: string
  required?: string[]
  enum?: string[]
  properties?: Record<string, Schema>
  items?: Schema
}

/** The document with every table between its markers, "<!-- fields: spec -->" and "<!-- end -->", made anew. */
export async function renderReference(document: string, schema: Schema): Promise<string> {
  const rendered = document.replace(
    /(<!-- fields: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) =>
      `${start}\n${table(schema.properties![name]!)}\n\n${end}`,
  )
  return format(rendered, { parser: 'markdown', printWidth: 100 })
}

function table(schema: Schema): string {
  return ['| field | type | meaning |', '| --- | --- | --- |', ...rows(schema, '')].join('\n')
}

function rows(schema: Schema, at: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = at === '' ? name : `${at}.${name}`
    const required = schema.required?.includes(name) ? '**Required.** ' : ''
    const description = (field.description ?? '').replaceAll('|', '\\|').replaceAll('<', '\\<')
    const row = `| \`${path}\` | ${typeOf(field)} | ${required}${description} |`
    return [row, ...rows(field, path), ...(field.items ? rows(field.items, `${path}[]`) : [])]
  })
}

function typeOf({ type, enum: values, items }: Schema): string {
  if (values) return values.map((value) => `\`${value}\``).join(', ')
  if (items) return `list of ${items.type}s`
  return type ?? 'any'
}
