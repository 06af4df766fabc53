// The reference names every field as the CRD describes it. To renew it: UPDATE=1 node --import tsx test/run.ts reference
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { renderReference, type Schema } from '../helpers/reference.ts'

const test = suite('docs/reference/helmrelease.md')
const page = new URL('../../docs/reference/helmrelease.md', import.meta.url)
const crd = new URL('../../crds/helmreleases.helm.fluxcd.io.yaml', import.meta.url)

test('says of every field what the CRD says', async () => {
  const { spec } = parse(await readFile(crd, 'utf8')) as {
    spec: { versions: [{ schema: { openAPIV3Schema: Schema } }] }
  }
  const written = await readFile(page, 'utf8')
  for (const part of ['spec', 'status']) assert.match(written, `<!-- fields: ${part} -->`)
  const rendered = await renderReference(written, spec.versions[0].schema.openAPIV3Schema)
  if (process.env['UPDATE']) await writeFile(page, rendered)
  else assert.is(written, rendered)
})

test.run()
