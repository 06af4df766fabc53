// Registries without TLS, as people have them on their laptops, and charts in registries that are named in other ways.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureAtHost } from '../helpers/failure.ts'
import { ann, withBench } from '../helpers/ocibench.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('OCI registries, plain and by other names')

for (const [major, plainAt] of [
  [3, '127.0.0.1'],
  [4, 'localhost'],
] as const)
  test(`helm ${major} pulls from a registry without TLS on this machine, ranges and passwords and all`, async () => {
    await withBench(
      async ({ push, pull, secret, clock }) => {
        await push('1.0.0')
        await push('1.1.0')
        const secretRef = await secret('ann', ann)
        assert.is((await failureAtHost(pull('1.0.0'))).code, 'RepositoryRefused')
        assert.is((await pull('1.0.0', secretRef)).chart.version, '1.0.0')
        assert.is((await pull('^1', secretRef)).chart.version, '1.1.0')
        await push('1.2.0')
        await clock.advance(60_000)
        assert.is((await pull('^1', secretRef)).chart.version, '1.2.0')
      },
      { major, plainAt, login: { kind: 'bearer', ...ann } },
    )
  })

for (const major of [3, 4] as const)
  test(`helm ${major} pulls without TLS from elsewhere only if the URL says so`, async () => {
    await withBench(
      async ({ push, pull, fetch, registry }) => {
        await push('1.0.0')
        const asked = registry.requests.length
        assert.equal(await failureAtHost(pull('1.0.0')), {
          code: 'RepositoryUnreachable',
          message:
            'Cannot find chart "oci://HOST/charts/hello": "HOST" does not speak TLS; name it with oci+http:// if it need not',
        })
        assert.is(registry.requests.length, asked, 'nothing was asked in the clear')
        const url = `oci+http://${registry.host}/charts`
        const source = { kind: 'repository', url, name: 'hello' } as const
        assert.is((await fetch({ ...source, version: '1.0.0' })).chart.version, '1.0.0')
        assert.is((await fetch({ ...source, version: '*' })).chart.version, '1.0.0')
      },
      { major, plainAt: '0.0.0.0' },
    )
  })

for (const major of [3, 4] as const)
  test(`helm ${major} pulls what the index of an HTTP repository says to be in a registry`, async () => {
    await withBench(
      async ({ push, fetch, registry }) => {
        await push('1.0.0')
        await push('1.1.0+build.7')
        const at = `oci://${registry.host}/charts/hello`
        const entries = {
          hello: [
            // Such indexes have been seen with digests of something else.
            { name: 'hello', version: '1.0.0', urls: [`${at}:1.0.0`], digest: 'ab'.repeat(32) },
            { name: 'hello', version: '1.1.0+build.7', urls: [at] },
          ],
        }
        await withWebServer(
          (_, response) => response.end(JSON.stringify({ apiVersion: 'v1', entries })),
          async ({ url }) => {
            const source = { kind: 'repository', url, name: 'hello' } as const
            for (const version of ['1.0.0', '1.1.0+build.7'])
              assert.is((await fetch({ ...source, version })).chart.version, version)
          },
        )
      },
      { major },
    )
  })

test('a password in the URL opens a registry, and shows nowhere', async () => {
  await withBench(
    async ({ push, fetch, registry, args }) => {
      await push('1.0.0')
      const url = `oci://ann:${ann.password}@${registry.host}/charts`
      const source = { kind: 'repository', url, name: 'hello' } as const
      assert.is((await fetch({ ...source, version: '1.0.0' })).chart.version, '1.0.0')
      const { message } = await failureAtHost(fetch({ ...source, version: '^2' }))
      assert.match(message, /of chart "hello" in "oci:\/\/HOST\/charts": no version matches/)
      assert.not.ok(args().some((one) => one.includes(ann.password)))
    },
    { login: { kind: 'basic', ...ann } },
  )
})

test('a "v" before an exact version counts only where the tag has one', async () => {
  await withBench(async ({ push, pull }) => {
    await push('1.0.0')
    await push('v2.0.0')
    assert.is((await pull('v1.0.0')).chart.version, '1.0.0')
    assert.is((await pull('v2.0.0')).chart.version, 'v2.0.0')
  })
})

test('an exact version is looked for without taking it, which some registries count', async () => {
  await withBench(async ({ push, pull, registry, clock }) => {
    await push('1.0.0')
    await pull('1.0.0')
    registry.requests.splice(0)
    await clock.advance(60_000)
    await pull('1.0.0')
    assert.equal(registry.requests, ['HEAD /v2/charts/hello/manifests/1.0.0'])
  })
})

test.run()
