import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readAssets, writeAssets } from '../../lib/app/assets.ts'

const test = suite('assets')
const root = new URL('../../', import.meta.url)

test('are written as they are in the repository, by the same paths', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'assets-'))
  try {
    const written = await writeAssets('examples', directory)
    assert.ok(written.some(({ path }) => path === 'examples/charts/web/templates/_helpers.tpl'))
    for (const { path } of written)
      assert.is(
        await readFile(join(directory, path), 'utf8'),
        await readFile(new URL(path, root), 'utf8'),
      )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test('one file is an asset, too', async () => {
  const [manifest, ...others] = await readAssets('package.json')
  assert.is(manifest?.path, 'package.json')
  assert.equal(others, [])
})

test.run()
