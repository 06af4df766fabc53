import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundle } from '../../lib/build/bundle.ts'
import { builtText } from '../helpers/built.ts'

const test = suite('bundle()')
const root = fileURLToPath(new URL('../../', import.meta.url))

test('gives the same text for the same sources, and names no place of the machine', async () => {
  const text = await builtText()
  assert.ok(text === (await bundle()))
  assert.not(text.includes(root))
})

test('ends with the notices of the packages in it', async () => {
  const text = await builtText()
  const manifest = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(manifest.dependencies))
    assert.match(text, new RegExp(`^// ${name} \\d\\S* \\([-\\w.]+\\)\\n//\\n// .*\\w`, 'm'))
})

test.run()
