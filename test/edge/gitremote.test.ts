// Real servers: smart HTTP and SSH, with and without credentials; and what is said when they refuse or are not there.
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../lib/edge/exec.ts'
import { failureOf } from '../helpers/failure.ts'
import { chartFiles, writeTree } from '../helpers/charts.ts'
import { withGitFetcher, type GitFetching } from '../helpers/gitfetch.ts'
import { below, createRepository, withGitHttp, type GitRepository } from '../helpers/gitserver.ts'
import { testWithSsh } from '../helpers/skip.ts'
import { withSshServer } from '../helpers/sshserver.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('git over networks')
const password = 'hunter2 & co'

async function withChart<T>(
  use: (all: GitFetching & { repository: GitRepository }) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  return await withGitFetcher(async (fetching) => {
    const repository = await createRepository(join(fetching.directory, 'served/repository'))
    await repository.commit({
      ...below('chart', chartFiles('hello', '1.0.0')),
      'large.bin': 'x'.repeat(100_000),
    })
    return await use({ ...fetching, repository })
  }, timeoutMs)
}

async function failure(promise: Promise<unknown>): Promise<{ code: string; state: string }> {
  const { code, message } = await failureOf(promise)
  const state = message.replace(/^Cannot fetch "[^"]*": /, '').replace(/:\d{4,5}/, ':PORT')
  return { code, state }
}

async function mirrorOf({ directory }: GitFetching): Promise<string> {
  const [name = ''] = await readdir(join(directory, 'git'))
  return join(directory, 'git', name)
}

test('over HTTP only the files of the chart are downloaded', async () => {
  await withChart(async (all) => {
    await withGitHttp(join(all.directory, 'served'), async (server) => {
      const url = `${server.url}/repository/.git`
      const { chart } = await all.fetch({ url })
      assert.is(chart.name, 'hello')
      const run = createRunner({ env: process.env })
      const git = ['git', `--git-dir=${await mirrorOf(all)}`]
      const args = ['rev-list', '--objects', '--missing=print', 'main']
      const { stdout } = await run([...git, ...args])
      assert.is(stdout.match(/^\?/gm)?.length, 1, 'all but the large file are there')
      const downloads = server.requests.filter((line) => line.startsWith('POST')).length
      // Two lists of refs, the commits, Chart.yaml, and all other files at once.
      assert.ok(downloads <= 5, 'and they came together')
    })
  })
})

test('a server that knows nothing of partial clones sends everything', async () => {
  await withChart(async (all) => {
    await all.repository.git('config', 'uploadpack.allowFilter', 'false')
    await withGitHttp(join(all.directory, 'served'), async ({ url }) => {
      assert.is((await all.fetch({ url: `${url}/repository/.git` })).chart.name, 'hello')
    })
  })
})

test('a password opens the repository and is nowhere to be seen', async () => {
  await withChart(async (all) => {
    const served = join(all.directory, 'served')
    await withGitHttp(
      served,
      async ({ url }) => {
        const access = { username: 'ann', password }
        const artifact = await all.fetch({ url: `${url}/repository/.git` }, { access })
        assert.is(artifact.chart.name, 'hello')
        const config = await readFile(join(await mirrorOf(all), 'config'), 'utf8')
        for (const text of [all.exposed(), config, JSON.stringify(artifact)])
          assert.not.ok(text.includes('hunter2'), text)
        const kept = await readdir(all.directory, { recursive: true })
        assert.equal(
          kept.filter((name) => name.includes('git-credentials')),
          [],
        )
      },
      { password },
    )
  })
})

test('a rotated password counts at the next fetch, and the old mirror is served meanwhile', async () => {
  await withChart(async ({ fetch, fetcher, directory, messages }) => {
    let current = password
    await withGitHttp(
      join(directory, 'served'),
      async (server) => {
        const url = `${server.url}/repository/.git`
        const as = (secret: string) =>
          fetch({ url }, { access: { username: 'ann', password: secret } })
        const { revision } = await as(password)
        current = 'rotated'
        fetcher().expire()
        assert.is((await as(password)).revision, revision)
        assert.equal(messages, ['warn git mirror is not up to date'])
      },
      { password: () => current },
    )
  })
})

for (const [where, files] of [
  ['netrc', { '.netrc': `machine 127.0.0.1 login ann password "${password}"\n` }],
  [
    'a credential helper',
    {
      '.gitconfig':
        '[credential]\n\thelper = "!echo username=ann; echo password=hunter2 \\\\& co; :"\n',
    },
  ],
] as const) {
  test(`a password in ${where} of the operator is used`, async () => {
    await withChart(async ({ fetch, directory }) => {
      await writeTree(directory, files)
      await withGitHttp(
        join(directory, 'served'),
        async ({ url }) => {
          assert.is((await fetch({ url: `${url}/repository/.git` })).chart.name, 'hello')
        },
        { password },
      )
    })
  })
}

for (const [situation, access, state] of [
  [
    'asks for a password',
    {},
    'the server wants credentials; name a Secret with "username" and "password"',
  ],
  [
    'refuses a password',
    { username: 'ann', password: 'wrong' },
    'the server refuses these credentials',
  ],
] as const) {
  test(`GitRefused when the server ${situation}`, async () => {
    await withChart(async ({ fetch, directory }) => {
      await withGitHttp(
        join(directory, 'served'),
        async ({ url }) => {
          const refused = await failure(fetch({ url: `${url}/repository/.git` }, { access }))
          assert.equal(refused, { code: 'GitRefused', state })
        },
        { password },
      )
    })
  })
}

test('GitRefused when there is no such repository', async () => {
  await withChart(async ({ fetch, directory }) => {
    const expected = {
      code: 'GitRefused',
      state: 'there is no such repository, or not for us',
    }
    await withGitHttp(join(directory, 'served'), async ({ url }) => {
      assert.equal(await failure(fetch({ url: `${url}/nosuch/.git` })), expected)
    })
    assert.equal(await failure(fetch({ url: `file://${directory}/nosuch` })), expected)
  })
})

async function unreachable(
  cases: (port: number) => readonly (readonly [url: string, state: string])[],
): Promise<void> {
  await withGitFetcher(async ({ fetch }) => {
    const port = await withWebServer(
      () => {},
      (server) => Promise.resolve(server.port),
    )
    for (const [url, state] of cases(port))
      assert.equal(await failure(fetch({ url })), { code: 'GitUnreachable', state }, url)
  })
}

test('GitUnreachable when the host is unknown or refuses connections', () =>
  unreachable((port) => [
    ['https://git.invalid/x.git', 'host "git.invalid" is unknown'],
    [`http://127.0.0.1:${port}/x.git`, '"127.0.0.1:PORT" refuses connections'],
  ]))

testWithSsh(test, 'GitUnreachable when the host is unknown or refuses connections over SSH', () =>
  unreachable((port) => [
    ['ssh://git@git.invalid/x.git', 'host "git.invalid" is unknown'],
    ['git@git.invalid:x.git', 'host "git.invalid" is unknown'],
    [`ssh://127.0.0.1:${port}/x.git`, '"127.0.0.1:PORT" refuses connections'],
  ]),
)

test('a server that says nothing is given up', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await withGitFetcher(async ({ fetch }) => {
    const { code, state } = await failure(fetch({ url: `http://127.0.0.1:${port}/x.git` }))
    assert.equal([code, state], ['GitUnreachable', 'the host does not answer'])
  }, 1_000)
  server.close()
})

test('a server is believed whose certificate stands in the Secret', async () => {
  await withChart(async ({ fetch, directory }) => {
    const tls = selfSigned('git')
    await withGitHttp(
      join(directory, 'served'),
      async (server) => {
        const url = `${server.url}/repository/.git`
        const user = { username: 'ann', password }
        assert.equal(await failure(fetch({ url }, { access: user })), {
          code: 'GitUnreachable',
          state: 'the server\'s certificate is not trusted; name a Secret with its CA in "ca.crt"',
        })
        const access = { ...user, ca: tls.cert }
        assert.is((await fetch({ url }, { access })).chart.name, 'hello')
      },
      { password, tls },
    )
  })
})

test('no protocol that runs commands is taken', async () => {
  await withGitFetcher(async ({ fetch, directory }) => {
    const url = `ext::touch% ${directory}/pwned`
    assert.is((await failure(fetch({ url }))).code, 'ChartSourceInvalid')
    assert.not.ok((await readdir(directory)).includes('pwned'))
  })
})

testWithSsh(
  test,
  'over SSH a key opens the repository; strangers and impostors are told apart',
  () =>
    withChart(async ({ fetch, repository, exposed }) => {
      await withSshServer(async ({ url: host, knownHosts, impostor, identity, stranger }) => {
        const url = `${host}${repository.path}`
        // Each with a URL of its own: a mirror that works would be served in spite of all.
        const as = (access: object, variant: string): Promise<{ code: string; state: string }> =>
          failure(fetch({ url: `${url}${variant}` }, { access }))
        assert.equal(await as({ identity }, '/'), {
          code: 'GitRefused',
          state: 'the key of the host is not known; add it to known_hosts',
        })
        assert.equal(await as({ identity, knownHosts: impostor }, '//'), {
          code: 'GitRefused',
          state:
            'the host shows another key than known_hosts says; find out why before you change it',
        })
        assert.equal(await as({ identity: stranger, knownHosts }, '/./'), {
          code: 'GitRefused',
          state: 'the host refuses our SSH key; add its public half to the repository',
        })
        const artifact = await fetch({ url }, { access: { identity, knownHosts } })
        assert.is(artifact.chart.name, 'hello')
        assert.not.ok(exposed().includes('PRIVATE KEY'))
      })
    }),
)

test.run()
