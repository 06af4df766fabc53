// Real git: which commit a ref means, and what is said when it means none.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fetchFailure, withGitChart } from '../helpers/gitfetch.ts'

const test = suite('refs of charts from git')

test('branch, tag, short commit, expression, full ref and pull request all mean a commit', async () => {
  await withGitChart(async ({ fetch, repository: { url, git }, first }) => {
    await git('tag', 'light')
    await git('tag', '--annotate', '--message=x', 'v1.0')
    await git('update-ref', 'refs/pull/1/head', first)
    await git('branch', 'feature/x')
    const refs = ['main', 'light', 'v1.0', first, first.slice(0, 7), 'main^{}', 'refs/heads/main']
    for (const ref of [...refs, 'heads/main', 'feature/x', 'refs/pull/1/head', 'pull/1/head'])
      assert.is((await fetch({ url, ref })).revision, first, ref)
  })
})

test('HEAD is what the repository calls its default branch, and follows it', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, first }) => {
    const { url, git } = repository
    await git('branch', 'HEADS', first)
    const second = await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
    await git('tag', 'pulled')
    await git('update-ref', 'refs/pull/1/head', second)
    const means = async (refs: Record<string, string>): Promise<void> => {
      for (const [ref, commit] of Object.entries(refs))
        assert.is((await fetch({ url, ref })).revision, commit, ref)
    }
    await means({
      'HEAD~1': first,
      HEAD: second,
      '@': second,
      '@~1': first,
      'HEAD^{commit}': second,
    })
    await means({ 'main~1': first, 'pulled^': first, 'pull/1/head~1': first, HEADS: first })
    await git('checkout', '--quiet', '-b', 'trunk')
    const third = await repository.commit({ 'chart/values.yaml': 'greeting: bye\n' })
    fetcher().expire()
    await means({ HEAD: third, 'HEAD~1': second, main: second })
  })
})

test('a repository that loses its default branch goes on serving its other branches', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, first }) => {
    const { url, git } = repository
    await fetch({ url, ref: 'HEAD' })
    await git('symbolic-ref', 'HEAD', 'refs/heads/gone')
    await git('branch', 'late', first)
    fetcher().expire()
    assert.is((await fetch({ url, ref: 'late' })).revision, first)
    const { code, message } = await fetchFailure(fetch({ url, ref: 'HEAD' }))
    assert.is(code, 'GitRefNotFound')
    assert.match(message, /Cannot find "HEAD" in URL/)
  })
})

test('a commit that no branch leads to is found', async () => {
  await withGitChart(async ({ fetch, repository, first }) => {
    await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
    await repository.git('reset', '--quiet', '--hard', first)
    const orphan = await repository.git('rev-parse', 'ORIG_HEAD')
    const { chart } = await fetch({ url: repository.url, ref: orphan })
    assert.equal(chart.values, { greeting: 'hi' })
  })
})

test('an empty ref means the default ref', async () => {
  await withGitChart(async ({ fetch, repository: { url, git }, first }) => {
    await git('branch', 'master')
    assert.is((await fetch({ url, ref: '' })).revision, first)
  })
})

test('a ref that was just pushed is found, and a branch that was rewritten is followed', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, clock, first }) => {
    const { url, git } = repository
    await fetch({ url })
    await git('branch', 'late')
    await clock.advance(6_000)
    assert.is((await fetch({ url, ref: 'late' })).revision, first)
    await git('commit', '--quiet', '--amend', '--message=other')
    fetcher().expire()
    assert.is((await fetch({ url })).revision, await git('rev-parse', 'HEAD'))
  })
})

for (const [situation, ref, message] of [
  ['the branch does not exist', 'mian', '; did you mean "main"?'],
  ['the ref is like nothing there', 'release-17', '; there is "main"'],
  ['the ref is an option', '--upload-pack=x', '; there is "main"'],
] as const)
  test(`GitRefNotFound when ${situation}`, async () => {
    await withGitChart(async ({ fetch, repository: { url } }) => {
      assert.equal(await fetchFailure(fetch({ url, ref })), {
        code: 'GitRefNotFound',
        message: `Cannot find "${ref}" in URL: it is no branch, tag or commit${message}`,
      })
    })
  })

test('a tag of a tag means the commit in the end, and one of something else none', async () => {
  await withGitChart(async ({ fetch, repository: { url, git }, first }) => {
    await git('tag', '--annotate', '--message=x', 'v1')
    await git('tag', '--annotate', '--message=x', 'outer', 'v1')
    await git('tag', 'tree', 'main^{tree}')
    await git('tag', 'file', 'main:chart/Chart.yaml')
    assert.is((await fetch({ url, ref: 'outer' })).revision, first)
    assert.is((await fetch({ url, ref: await git('rev-parse', 'outer') })).revision, first)
    for (const ref of ['tree', 'file'])
      assert.is((await fetchFailure(fetch({ url, ref }))).code, 'GitRefNotFound', ref)
  })
})

test('a ref may have quotes in it, and what can be none does no harm', async () => {
  await withGitChart(async ({ fetch, repository: { url, git }, first }) => {
    const quoted = ['a"b', "o'x", 'with$(tick)`']
    for (const ref of quoted) await git('branch', ref)
    for (const ref of quoted) assert.is((await fetch({ url, ref })).revision, first, ref)
    for (const ref of [
      'main ',
      'two words',
      '"main"',
      'x\ny',
      'nul\0',
      ':/change',
      '^main',
      '*',
      'main..HEAD',
    ])
      assert.is((await fetchFailure(fetch({ url, ref }))).code, 'GitRefNotFound', ref)
  })
})

test.run()
