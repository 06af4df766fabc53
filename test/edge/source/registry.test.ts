// Registries whose answers are too much.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createHttpClient } from '../../../lib/edge/http.ts'
import { createRegistry } from '../../../lib/edge/source/registry.ts'
import { failureOf } from '../../helpers/failure.ts'
import { homeGuard } from '../../helpers/guard.ts'
import { testParser } from '../../helpers/parser.ts'
import { withWebServer } from '../../helpers/webserver.ts'

const test = suite('a registry that answers too much')

// What is said to a registry that answers with this list of tags.
async function refusalOf(
  tags: unknown,
  limits?: Parameters<typeof testParser>[0],
): Promise<string> {
  const content = JSON.stringify({ tags })
  return await withWebServer(
    (_, response) => response.end(content),
    async ({ port }) => {
      const { signal } = new AbortController()
      const http = createHttpClient({ guard: homeGuard, env: {} })
      const registry = createRegistry({ http, parser: testParser(limits), signal })
      const host = `127.0.0.1:${port}`
      const place = { host, repository: 'charts/web', isPlain: true }
      const { code, message } = await failureOf(registry.tags(place))
      return `${code} ${message.replace(host, 'HOST')}`
    },
  )
}

const cannot = 'RepositoryIndexInvalid Cannot find chart "oci://HOST/charts/web"'

test('is refused with more tags than there may be versions of a chart', async () => {
  const tags = Array.from({ length: 20_001 }, (_, at) => `1.0.${at}`)
  assert.is(await refusalOf(tags), `${cannot}: there are more than 20000 tags`)
})

test('is read in a thread, which it can take no more than', async () => {
  assert.match(
    await refusalOf(
      Array.from({ length: 20_000 }, (_, at) => `1.0.${at}`),
      { deadlineMs: 1 },
    ),
    /: reading it takes more than 0.001 s; it is not read again until it changes$/,
  )
})

test.run()
