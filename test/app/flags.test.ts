// The reference names every flag as the command line knows it. To renew it: UPDATE=1 node --import tsx test/run.ts app/flags
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { demoFlags, runFlags, sandboxFlags } from '../../lib/app/flags.ts'
import { renderFlags } from '../helpers/flagtable.ts'

const test = suite('docs/reference/flags.md')
const page = new URL('../../docs/reference/flags.md', import.meta.url)
const tables = {
  run: runFlags.filter(({ retired }) => retired === undefined),
  retired: runFlags.filter(({ retired }) => retired !== undefined),
  demo: demoFlags,
  sandbox: sandboxFlags,
}

test('says of every flag what --help says', async () => {
  const written = await readFile(page, 'utf8')
  for (const name of Object.keys(tables)) assert.match(written, `<!-- flags: ${name} -->`)
  const rendered = await renderFlags(written, tables)
  if (process.env['UPDATE']) await writeFile(page, rendered)
  else assert.is(written, rendered)
})

test.run()
