// Many downloads at once, all of which the end of the operator ends.
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withRepository } from '../helpers/charts.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { until } from '../helpers/until.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('many downloads at once')
const many = 30

test('are taken for no leak of listeners', () =>
  withFetcher(async ({ directory, fetch }) => {
    const served = join(directory, 'served')
    await withRepository(served, ['hello 1.0.0'], async () => {})
    const held: ServerResponse[] = []
    const warnings: string[] = []
    const onWarning = ({ name, message }: Error): void => void warnings.push(`${name}: ${message}`)
    process.on('warning', onWarning)
    try {
      await withWebServer(
        (request, response) => {
          if (request.url!.endsWith('.tgz')) held.push(response)
          else void readFile(join(served, 'index.yaml')).then((text) => response.end(text))
        },
        async ({ url }) => {
          const fetches = Array.from({ length: many }, (_, at) =>
            fetch({ kind: 'repository', name: 'hello', version: '1.0.0', url: `${url}/${at}` }),
          )
          await until('all download at once', () => held.length === many)
          const archive = await readFile(join(served, 'hello-1.0.0.tgz'))
          for (const response of held) response.end(archive)
          await Promise.all(fetches)
        },
      )
    } finally {
      process.off('warning', onWarning)
    }
    assert.equal(warnings, [])
  }))

test.run()
