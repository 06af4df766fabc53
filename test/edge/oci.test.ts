// A registry that the real helm pushes to and pulls from.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeDockerConfig } from '../../lib/helm/dockerconfig.ts'
import { failureAtHost } from '../helpers/failure.ts'
import { ann, withBench } from '../helpers/ocibench.ts'

const test = suite('charts from OCI registries')

for (const major of [3, 4] as const)
  test(`helm ${major} pulls an exact version, once`, async () => {
    await withBench(
      async ({ push, pull, programs, args, directory, clock }) => {
        await push('1.0.0')
        const [artifact, same] = await Promise.all([pull('1.0.0'), pull('1.0.0')])
        assert.is(artifact.chart.version, '1.0.0')
        assert.is(artifact, same)
        const destination = args()[args().indexOf('--destination') + 1]!
        assert.ok(destination.startsWith(join(directory, 'cache')), 'it need not be copied')
        await clock.advance(3_600_000)
        assert.is(await pull('1.0.0'), artifact)
        assert.is(programs().length, 1)
      },
      { major },
    )
  })

test('a range takes the highest of all tags, and a plus stands for what tags cannot say', async () => {
  await withBench(async ({ push, pull }) => {
    for (const version of ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1', '1.10.1+build.7'])
      await push(version)
    assert.is((await pull('^1')).chart.version, '1.10.1+build.7')
    assert.is((await pull('1.10.1+build.7')).chart.version, '1.10.1+build.7')
    assert.is((await pull('>=1-0')).chart.version, '2.0.0-rc.1')
  })
})

test('a tag that was pushed again is another artifact', async () => {
  await withBench(async ({ push, pull, clock }) => {
    await push('1.0.0')
    const first = await pull('1.0.0')
    await push('1.0.0', 'again')
    await clock.advance(60_000)
    const second = await pull('1.0.0')
    assert.equal(second.chart.values, { greeting: 'again' })
    assert.not.equal(second.digest, first.digest)
  })
})

for (const kind of ['basic', 'bearer'] as const)
  test(`credentials of a Secret open a registry with ${kind} authentication, and show nowhere`, async () => {
    await withBench(
      async ({ push, pull, secret, args, registry }) => {
        await push('1.0.0')
        assert.equal(await failureAtHost(pull('~1')), {
          code: 'RepositoryRefused',
          message:
            'Cannot find chart "oci://HOST/charts/hello": the registry wants credentials (401); name a Secret with them',
        })
        const plain = await secret('plain', ann)
        assert.is((await pull('~1', plain)).chart.version, '1.0.0')
        const docker = await secret('docker', {
          '.dockerconfigjson': encodeDockerConfig(registry.host, ann),
        })
        assert.is((await pull('1.0.0', docker)).chart.version, '1.0.0')
        const other = await secret('other', {
          '.dockerconfigjson': encodeDockerConfig('ghcr.io', ann),
        })
        assert.match(
          (await failureAtHost(pull('1.0.0', other))).message,
          /no credentials for "HOST"; it has those for "ghcr.io"$/,
        )
        assert.not.ok(args().some((one) => one.includes(ann.password)))
      },
      { login: { kind, ...ann } },
    )
  })

for (const major of [3, 4] as const)
  test(`helm ${major} believes a registry whose certificate stands in the Secret`, async () => {
    const login = { kind: 'basic', ...ann } as const
    await withBench(
      async ({ push, pull, secret, registry }) => {
        await push('1.0.0')
        const plain = await secret('plain', ann)
        assert.equal(await failureAtHost(pull('1.0.0', plain)), {
          code: 'RepositoryUnreachable',
          message:
            'Cannot find chart "oci://HOST/charts/hello": the certificate of "HOST" is not trusted; name a Secret with its CA in "ca.crt"',
        })
        const whole = await secret('whole', { ...ann, 'ca.crt': registry.ca })
        assert.is((await pull('1.0.0', whole)).chart.version, '1.0.0')
        const onlyCa = await secret('only-ca', { 'ca.crt': registry.ca })
        assert.match(
          (await failureAtHost(pull('1.0.0', onlyCa))).message,
          /the registry wants credentials \(401\); name a Secret with them$/,
        )
        const wrong = await secret('wrong', { ...ann, password: 'x', 'ca.crt': registry.ca })
        assert.match(
          (await failureAtHost(pull('1.0.0', wrong))).message,
          /the registry refuses these credentials \(401\)$/,
        )
      },
      { major, login, isKnown: false },
    )
  })

test('credentials that Helm itself would find are found', async () => {
  await withBench(
    async ({ push, pull, directory, registry }) => {
      await push('1.0.0')
      await mkdir(join(directory, '.docker'))
      await writeFile(
        join(directory, '.docker/config.json'),
        encodeDockerConfig(registry.host, ann),
      )
      assert.is((await pull('~1')).chart.version, '1.0.0')
    },
    { login: { kind: 'bearer', ...ann } },
  )
})

test('a version that was pushed a moment ago is found', async () => {
  await withBench(async ({ push, pull, clock }) => {
    await push('1.0.0')
    assert.is((await failureAtHost(pull('1.0.1'))).code, 'ChartVersionNotFound')
    await push('1.0.1')
    await clock.advance(5_000)
    assert.is((await pull('1.0.1')).chart.version, '1.0.1')
  })
})

test('what is not there is told with what is', async () => {
  await withBench(async ({ push, pull, fetch, registry }) => {
    await push('1.0.0')
    const noVersion = {
      code: 'ChartVersionNotFound',
      message:
        'Cannot find version "1.0.1" of chart "hello" in "oci://HOST/charts": no version matches; did you mean "1.0.0"?',
    }
    assert.equal(await failureAtHost(pull('1.0.1')), noVersion)
    assert.match(
      (await failureAtHost(pull('^2'))).message,
      /no version matches; the newest is "1\.0\.0"$/,
    )
    const url = `oci://${registry.host}/charts`
    assert.equal(
      await failureAtHost(fetch({ kind: 'repository', url, name: 'nosuch', version: '1.0.0' })),
      {
        code: 'ChartNotFound',
        message:
          'Cannot find chart "oci://HOST/charts/nosuch": the registry has no such repository',
      },
    )
    const nowhere = { url: 'oci://127.0.0.1:1/charts', name: 'hello', version: '1.0.0' }
    assert.is(
      (await failureAtHost(fetch({ kind: 'repository', ...nowhere }))).code,
      'RepositoryUnreachable',
    )
  })
})

test.run()
