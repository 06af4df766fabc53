// Private places that charts come from, each a HelmRelease of one operator: with wrong credentials, then with right ones.
// Whatever is started, said or written meanwhile is searched for them; environments too, though only the same user can read
// those.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keepCanaries, readFiles, shownBy, type Canaries } from '../helpers/canary.ts'
import { openDoor } from '../helpers/door.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { watchProcesses } from '../helpers/processes.ts'
import { hasSshClient, skipForSsh } from '../helpers/skip.ts'
import { withSources, type Sources } from '../helpers/sources.ts'
import { helmReleaseYaml, secretYaml } from '../helpers/yaml.ts'

const test = suite('private chart sources')

// Nothing is looked at again but for a reason.
const patience = ['--charts-sync-interval=1h', '--git-poll-interval=1h']

async function withStage(
  use: (running: RunningOperator, sources: Sources, imports: string) => Promise<void>,
  canaries: Canaries,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'imports-'))
  const imports = join(directory, 'repositories.yaml')
  try {
    await withSources(canaries, (sources) =>
      withOperator([...patience, `--helm-repository-import=v3:${imports}`], (running) =>
        use(running, sources, imports),
      ),
    )
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function writeImports(path: string, url: string, password: string): Promise<void> {
  const entry = { name: 'plain', url, username: 'ann', password }
  await writeFile(path, JSON.stringify({ repositories: [entry] }), { mode: 0o600 })
}

if (!hasSshClient()) skipForSsh('private chart sources: git over SSH')

test('refuse wrong credentials in so many words, take right ones at once, and nothing shows them', () => {
  const canaries = keepCanaries()
  return withStage(async (running, { all, plain, git, rotate }, imports) => {
    const { apply, kubectl, condition, kubeconfig, log } = running
    const names = Object.keys(all)
    await watchProcesses(async ({ commands, environments }) => {
      await writeImports(imports, plain.url, canaries.password())
      const imported = { repository: plain.url, name: 'hello', version: '1.0.0' }
      await apply(
        helmReleaseYaml('imported', { chart: imported }) +
          names
            .map((name) => {
              const { chart, wrong } = all[name]!
              return secretYaml(name, wrong) + helmReleaseYaml(name, { chart })
            })
            .join(''),
      )
      for (const name of names)
        assert.match(await condition(name, 'Ready', 'False'), all[name]!.refusal, name)
      assert.match(await condition('imported', 'Ready', 'False'), /refuses these credentials/)

      await apply(names.map((name) => secretYaml(name, all[name]!.right)).join(''))
      for (const name of names) await condition(name, 'Released', 'True')
      await writeImports(imports, plain.url, plain.password)
      await kubectl('annotate', 'hr/imported', 'look=again')
      await condition('imported', 'Released', 'True')

      const { https, git: access } = rotate()
      await apply(secretYaml('https', https) + secretYaml('git', access))
      const commit = await git.commit({ 'hello/values.yaml': 'greeting: rotated\n' })
      await (await openDoor(log)).post('/api/v1/sync-git')
      await kubectl(
        'patch',
        'hr/https',
        '--type=merge',
        '-p={"spec":{"chart":{"version":"1.1.0"}}}',
      )
      for (const [name, revision] of [
        ['https', '1.1.0'],
        ['git', commit],
      ] as const)
        await kubectl('wait', `hr/${name}`, `--for=jsonpath={.status.revision}=${revision}`)

      const list = [...commands].join('\n')
      const overSsh = hasSshClient() ? [/^ssh /m] : []
      for (const known of [/helm\S* pull /, /git .*fetch /, /git-remote-https/, ...overSsh])
        assert.match(list, known)
      assert.equal(canaries.in(list), [], 'in arguments')
      assert.equal(canaries.in([...environments].join('\n')), [], 'in environments')
    })
    assert.equal(canaries.in(shownBy(running)), [], 'shown')
    const files = await readFiles(join(dirname(kubeconfig), 'cache'))
    assert.ok(files.some(({ path }) => path.endsWith('.tgz')))
    assert.equal(
      files.filter(({ text }) => canaries.in(text).length > 0).map(({ path }) => path),
      [],
      'on disk',
    )
    const [cache] = files
    const top = files.filter(({ path }) => dirname(path) === cache!.path)
    assert.is(cache!.mode, 0o700)
    assert.equal(new Set(top.map(({ mode }) => mode)), new Set([0o700, 0o600]))
  }, canaries)
})

test.run()
