// Nobody gets from a cache what the server would not have given them, and nobody puts anything there for others.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChartSource } from '../../lib/model/source.ts'
import { chartFiles, packChart, withRepository } from '../helpers/charts.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { failureOf } from '../helpers/failure.ts'
import { withGitFetcher } from '../helpers/gitfetch.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { withBench } from '../helpers/ocibench.ts'
import { withWebServer, type WebServer } from '../helpers/webserver.ts'

const test = suite('keys of caches')

const chart = { kind: 'repository', name: 'hello', version: '1.0.0' } as const

function chartAt({ url }: WebServer): ChartSource {
  return { ...chart, url }
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

// A repository whose index says these things of hello 1.0.0.
async function withIndex<T>(
  { digest, url }: { digest: string; url: string },
  use: (server: WebServer) => Promise<T>,
): Promise<T> {
  const version = `{name: hello, version: 1.0.0, digest: ${digest}, urls: ["${url}"]}`
  const index = `apiVersion: v1\nentries:\n  hello:\n  - ${version}\n`
  return await withWebServer(({ url: path }, response) => {
    if (path === '/index.yaml') response.end(index)
    else response.writeHead(404).end()
  }, use)
}

test('an index that promises the digest of another repository does not replace its chart', async () => {
  await withBench(async ({ fetch, directory, push, registry }) => {
    await push('1.0.0', 'evil')
    const served = join(directory, 'served')
    await withRepository(served, ['hello 1.0.0'], async (victim) => {
      const digest = await digestOf(join(served, 'hello-1.0.0.tgz'))
      const url = `oci://${registry.host}/charts/hello:1.0.0`
      await withIndex({ digest, url }, async (evil) => {
        const theirs = await fetch(chartAt(evil))
        assert.equal(theirs.chart.values, { greeting: 'evil' })
        const { chart, digest: found } = await fetch(chartAt(victim))
        assert.equal([chart.values, found], [{ greeting: 'hello' }, `sha256:${digest}`])
        assert.equal((await fetch(chartAt(evil))).chart.values, { greeting: 'evil' })
      })
    })
  })
})

test('an index that names the digest of a chart of others, and no place, gets nothing', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const served = join(directory, 'served')
    await withRepository(served, ['hello 1.0.0'], async (owner) => {
      await fetch(chartAt(owner))
      const digest = await digestOf(join(served, 'hello-1.0.0.tgz'))
      await withIndex({ digest, url: 'gone.tgz' }, async (thief) => {
        assert.is((await failureOf(fetch(chartAt(thief)))).code, 'ChartNotFound')
      })
    })
  })
})

test('other credentials are another place: what they may not read is not handed out', async () => {
  await withFetcher(async ({ fetch, directory, secret }) => {
    const served = join(directory, 'served')
    const right = await secret('right', { username: 'ann', password: 'right-one' })
    const wrong = await secret('wrong', { username: 'ann', password: 'wrong-one' })
    const basic = `Basic ${Buffer.from('ann:right-one').toString('base64')}`
    await withRepository(served, ['hello 1.0.0'], async (inner) => {
      await withWebServer(
        ({ url = '', headers }, response) => {
          // The index is anybody's, as with many servers; the archives are not.
          if (url !== '/index.yaml' && headers.authorization !== basic)
            return void response.writeHead(403).end()
          void globalThis
            .fetch(inner.url + url)
            .then((answer) => answer.arrayBuffer())
            .then((body) => response.end(Buffer.from(body)))
        },
        async (server) => {
          await fetch({ ...chartAt(server), secretRef: right } as ChartSource)
          const refused = fetch({ ...chartAt(server), secretRef: wrong } as ChartSource)
          assert.is((await failureOf(refused)).code, 'RepositoryRefused')
        },
      )
    })
  })
})

test('an archive that is not what its index promises makes nobody else do without the comparison', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const [served, other] = [join(directory, 'served'), join(directory, 'other')]
    await withRepository(other, ['hello 1.0.0'], async (evil) => {
      await withRepository(served, ['hello 1.0.0'], async (victim) => {
        const archive = join(served, 'hello-1.0.0.tgz')
        const digest = await digestOf(archive)
        await withIndex({ digest, url: `${evil.url}/hello-1.0.0.tgz` }, async (odd) => {
          const files = chartFiles('hello', '1.0.0', { 'values.yaml': 'greeting: evil\n' })
          await packChart(other, files, { name: 'hello', version: '1.0.0' })
          assert.equal((await fetch(chartAt(odd))).chart.values, { greeting: 'evil' })
          const kept = await readdir(join(directory, 'cache/charts'))
          assert.not.ok(
            kept.some((name) => name.includes(digest)),
            'not under that name',
          )
          // Whoever changes the victim's archive on its way is noticed still.
          await writeFile(archive, await readFile(join(other, 'hello-1.0.0.tgz')))
          await fetch(chartAt(victim))
          const requests = victim.requests.filter((line) => line.endsWith('.tgz'))
          assert.is(requests.length, 2, 'compared, and asked for once more')
        })
      })
    })
  })
})

test('a tag that moves between question and pull is noticed, and nothing is kept under the wrong digest', async () => {
  await withBench(async ({ pull, push, registry, clock }) => {
    await push('1.0.0', 'first')
    registry.onManifest(async () => await push('1.0.0', 'second'))
    const pulled = await pull('1.0.0')
    assert.equal(pulled.chart.values, { greeting: 'second' })
    await clock.advance(60_000)
    assert.is((await pull('1.0.0')).path, pulled.path, 'known by the digest that it has')
  })
})

test('a commit that names files of another repository, which it has not got, gets none', async () => {
  await withGitFetcher(async ({ fetch, directory }) => {
    const owner = await createRepository(join(directory, 'owner'))
    await owner.commit(below('chart', chartFiles('hello', '1.0.0')))
    const thief = join(directory, 'thief')
    await cp(owner.path, thief, { recursive: true })
    const blob = await owner.git('rev-parse', 'HEAD:chart/values.yaml')
    await rm(join(thief, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    const { path } = await fetch({ url: owner.url })
    assert.match((await failureOf(fetch({ url: `file://${thief}` }))).code, /^(?:Git|Unexpected)/)
    const again = await fetch({ url: owner.url, secretRef: { namespace: 'n', name: 's' } })
    assert.not.equal(again.path, path, 'another Secret, another export')
  })
})

test.run()
