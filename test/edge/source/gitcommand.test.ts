// What git gets to see: real git, which is told to print it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../../lib/edge/exec.ts'
import { createGit } from '../../../lib/edge/source/gitcommand.ts'
import { openWorkdir } from '../../../lib/edge/workdir.ts'
import { deadlineMs } from '../../helpers/deadline.ts'

const test = suite('the environment of git')

async function seenBy(host: Record<string, string>): Promise<Map<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'git-env-'))
  const env = { PATH: process.env.PATH, HOME: directory, ...host }
  const workdir = await openWorkdir(directory)
  try {
    const git = createGit({
      ...{
        run: createRunner({ env }),
        workdir,
        env,
        timeoutMs: deadlineMs(10_000),
        allowLocal: false,
        fetchEnv: {},
      },
    })
    const printed = await git({
      ...{ verb: 'read', access: { url: 'https://git.example.test' } },
      args: ['-c', 'alias.seen=!env', 'seen'],
      signal: new AbortController().signal,
    })
    const lines = printed.split('\n').map((line) => /^(\w+)=(.*)$/s.exec(line) ?? [])
    return new Map(lines.map(([, name = '', value = '']) => [name, value]))
  } finally {
    await workdir.close()
    await rm(directory, { recursive: true })
  }
}

test('has proxies, and what programs for keys, clouds and user names live on', async () => {
  const host = {
    http_proxy: 'http://a.test',
    https_proxy: 'http://b.test',
    HTTPS_PROXY: 'http://c.test',
    no_proxy: '.test',
    NO_PROXY: '.test',
    GIT_PROXY_COMMAND: '/bin/proxy',
    GNUPGHOME: '/gnupg',
    SECRETS_DIR: '/secrets',
    SECRETS_EXTENSION: '.gpg',
    CLOUDSDK_CONFIG: '/cloud',
    CLOUDSDK_PYTHON: '/python',
    NSS_WRAPPER_PASSWD: '/passwd',
    NSS_WRAPPER_GROUP: '/group',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    AWS_ROLE_ARN: 'arn:x',
  }
  const seen = await seenBy(host)
  for (const [name, value] of Object.entries(host)) assert.is(seen.get(name), value, name)
})

test('has nothing that would have git ask, run, find or print something else', async () => {
  const host = {
    DATABASE_PASSWORD: 'x',
    GIT_DIR: '/elsewhere',
    GIT_TRACE: '1',
    GIT_ASKPASS: '/bin/ask',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.pager',
    GIT_CONFIG_VALUE_0: 'x',
  }
  const seen = await seenBy({ ...host, GIT_TERMINAL_PROMPT: '1', GIT_SSH_COMMAND: 'ssh -v' })
  for (const name of Object.keys(host))
    assert.not.ok(seen.get(name) === host[name as 'GIT_DIR'], name)
  assert.is(seen.get('GIT_TERMINAL_PROMPT'), '0')
  assert.match(seen.get('GIT_SSH_COMMAND') ?? '', /^ssh -o BatchMode=yes /)
})

test.run()
