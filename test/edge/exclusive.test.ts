// A Secret is all that counts where it is named: what the operator itself could open stays closed to others.
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChartSource } from '../../lib/model/source.ts'
import { encodeDockerConfig } from '../../lib/helm/dockerconfig.ts'
import { chartFiles } from '../helpers/charts.ts'
import { failureOf } from '../helpers/failure.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { below, createRepository, withGitHttp } from '../helpers/gitserver.ts'
import { ann, withBench } from '../helpers/ocibench.ts'
import { testWithSsh } from '../helpers/skip.ts'
import { newSshKey } from '../helpers/sshserver.ts'

const test = suite("a chart's Secret and the operator's own credentials")

const password = 'of-the-operator'

for (const [what, file, content] of [
  ['~/.netrc', '.netrc', (host: string) => `machine ${host} login ann password ${password}\n`],
  [
    'a credential helper',
    '.gitconfig',
    () => `[credential]\n\thelper = "!printf 'username=ann\\npassword=${password}\\n'; :"\n`,
  ],
  [
    'a URL with a password in configuration',
    '.gitconfig',
    (host: string, url: string) =>
      `[url "http://ann:${password}@${host}${new URL(url).port ? ':' + new URL(url).port : ''}/"]\n\tinsteadOf = ${url}/\n`,
  ],
] as const)
  test(`${what} opens a repository over HTTPS without a Secret, and does not help a wrong one`, async () => {
    await withFetcher(async ({ fetch, directory, secret, write }) => {
      const repository = await createRepository(join(directory, 'served/charts'))
      await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
      const wrong = await secret('wrong', { username: 'ann', password: 'wrong-one' })
      await withGitHttp(
        join(directory, 'served'),
        async (server) => {
          const { hostname } = new URL(server.url)
          await write(file, content(hostname, server.url))
          const source = {
            ...({ kind: 'git', url: `${server.url}/charts/.git`, ref: 'main' } as const),
            ...{ path: 'chart', updateDependencies: false },
          }
          assert.is((await fetch(source)).chart.name, 'hello')
          const { code } = await failureOf(fetch({ ...source, secretRef: wrong }))
          assert.is(code, 'GitRefused')
        },
        { password },
      )
    })
  })

testWithSsh(test, 'over SSH no key is offered but the one of the Secret', async () => {
  await withFetcher(async ({ fetch, secret, environment }) => {
    const secretRef = await secret('key', { identity: newSshKey().private, known_hosts: 'x' })
    const source: ChartSource = {
      ...({ kind: 'git', url: 'ssh://git@127.0.0.1:1/x.git', ref: 'main' } as const),
      ...{ path: 'chart', updateDependencies: false, secretRef },
    }
    await failureOf(fetch(source))
    const commands = environment('GIT_SSH_COMMAND')
    assert.ok(commands.length > 0)
    for (const command of commands) {
      assert.match(command, / -F none /, 'no configuration, which may name other keys')
      assert.match(command, / -o IdentityAgent=none /)
      assert.match(command, / -o IdentitiesOnly=yes -i '/)
    }
    assert.ok(environment('SSH_AUTH_SOCK').every((socket) => socket === ''))
  })
})

for (const major of [3, 4] as const)
  test(`what Docker's configuration says of a registry does not help a Secret of helm ${major} without credentials`, async () => {
    await withBench(
      async ({ pull, push, registry, secret, write }) => {
        await push('1.0.0')
        const config = encodeDockerConfig(registry.host, ann)
        await write('.docker/config.json', config)
        assert.is((await pull('1.0.0')).chart.name, 'hello')
        const secretRef = await secret('ca', { 'ca.crt': registry.ca })
        const { code } = await failureOf(pull('1.0.0', secretRef))
        assert.is(code, 'RepositoryRefused')
      },
      { major, login: { kind: 'basic', ...ann } },
    )
  })

test.run()
