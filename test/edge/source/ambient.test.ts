// Files of repositories that were imported: what is wrong with them is said, and what is right with them is used.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createAmbient, type Ambient } from '../../../lib/edge/source/ambient.ts'
import { recordLog } from '../../helpers/log.ts'

const test = suite('imported repositories')

type Bench = { ambient: Ambient; directory: string; warnings: () => string[] }

async function withImports(
  names: readonly string[],
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'imports-'))
  const { log, records } = recordLog()
  const imported = names.map((name) => join(directory, name))
  try {
    await use({
      directory,
      ambient: createAmbient({ env: { HOME: directory }, imported, log }),
      // Since the last call: "file: what is wrong".
      warnings: () =>
        records.splice(0).map(({ message, fields }) => {
          assert.is(message, 'warn repositories file is not readable')
          const { file, error } = fields as { file: string; error: unknown }
          return `${basename(file)}: ${error instanceof Error ? error.message : String(error)}`
        }),
    })
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('that cannot be read are named, once for each way in which they cannot', () =>
  withImports(
    ['none', 'directory', 'broken', 'other'],
    async ({ ambient, directory, warnings }) => {
      await mkdir(join(directory, 'directory'))
      await writeFile(join(directory, 'broken'), 'repositories: [')
      await writeFile(join(directory, 'other'), 'a: list\n')
      for (const _ of [1, 2]) await ambient.repositoryAccess('https://example.test')
      // They are read side by side: which one is known first is a matter of chance.
      assert.equal(warnings().sort(), [
        'broken: not valid YAML at line 1, column 16 (BAD_INDENT)',
        'directory: it is a directory',
        'none: there is no such file',
        'other: it has no list of "repositories"',
      ])
      await writeFile(join(directory, 'other'), 'still: none\n')
      await ambient.repositoryAccess('https://example.test')
      assert.equal(warnings(), ['other: it has no list of "repositories"'])
    },
  ))

test('are used as soon as they can be read, and by whatever they say then', () =>
  withImports(['none', 'late'], async ({ ambient, directory, warnings }) => {
    const url = 'https://example.test/charts'
    assert.equal(await ambient.repositoryAccess(url), { url })
    assert.is(warnings().length, 2)
    for (const password of ['first', 'second!']) {
      const entry = { name: 'ours', url: `${url}/`, username: 'ann', password }
      await writeFile(join(directory, 'late'), JSON.stringify({ repositories: [entry] }))
      const credentials = { username: 'ann', password }
      assert.equal(await ambient.repositoryAccess(url), { url, credentials })
    }
    assert.equal(warnings(), [])
  }))

test.run()
