// The tables of docs/reference/flags.md, made from the tables of the command line.
import { format } from 'prettier'
import type { Flag } from '../../lib/app/flags.ts'

/** The document with every table between its markers, "<!-- flags: run -->" and "<!-- end -->", made anew. */
export async function renderFlags(
  document: string,
  tables: Readonly<Record<string, readonly Flag[]>>,
): Promise<string> {
  const rendered = document.replace(
    /(<!-- flags: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) =>
      `${start}\n${tableOf(tables[name]!)}\n\n${end}`,
  )
  return format(rendered, { parser: 'markdown', printWidth: 100 })
}

function tableOf(flags: readonly Flag[]): string {
  return [
    '| flag | takes | default | meaning |',
    '| --- | --- | --- | --- |',
    ...flags.map(row),
  ].join('\n')
}

function row({ name, short, kind, fallback, help, env }: Flag): string {
  const names = [`\`--${name}\``, ...(short === undefined ? [] : [`\`-${short}\``])].join(', ')
  const takes = typeof kind === 'string' ? kind : kind.map((word) => `\`${word}\``).join(', ')
  const from = env === undefined ? '' : `; \`$${env}\` if not given`
  const text = help.replaceAll('|', '\\|').replaceAll('<', '\\<')
  return `| ${names} | ${takes} | ${fallback === '' ? '' : `\`${fallback}\``} | ${text}${from} |`
}
