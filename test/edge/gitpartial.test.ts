// Mirrors download files only when a chart needs them: what if the server does not hand them over then?
import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFiles } from '../helpers/charts.ts'
import { fetchFailure, withGitChart } from '../helpers/gitfetch.ts'
import { below } from '../helpers/gitserver.ts'

const test = suite('files that a mirror has not got')

test('are no reason to throw away the others when the server is away', async () => {
  await withGitChart(async ({ fetch, repository }) => {
    const { url, path } = repository
    await repository.commit(below('other', chartFiles('other', '2.0.0')))
    const before = await fetch({ url })
    await rename(path, `${path}-away`)
    const { code } = await fetchFailure(fetch({ url, path: 'other' }))
    assert.is(code, 'GitRefused')
    assert.is(await fetch({ url }), before)
    await rename(`${path}-away`, path)
    assert.is((await fetch({ url, path: 'other' })).chart.version, '2.0.0')
  })
})

test('come with all others from a server that hands out no single ones', async () => {
  await withGitChart(async ({ fetch, repository: { url }, directory, started }) => {
    // Of the protocol's second version, servers always do.
    await writeFile(join(directory, '.gitconfig'), '[protocol]\n\tversion = 0\n')
    assert.is((await fetch({ url })).chart.version, '1.0.0')
    assert.is(started().filter((command) => command === 'fetch').length, 2)
  })
})

test('are no reason to throw away the others when the server cannot hand out all either', async () => {
  await withGitChart(async ({ fetch, repository, directory, first }) => {
    const { url, path, git } = repository
    await git('config', 'uploadpack.allowAnySHA1InWant', 'true')
    await writeFile(join(directory, '.gitconfig'), '[protocol]\n\tversion = 0\n')
    await repository.commit(below('other', chartFiles('other', '2.0.0')))
    await fetch({ url })
    await git('config', 'uploadpack.allowAnySHA1InWant', 'false')
    const blob = await git('rev-parse', 'HEAD:other/values.yaml')
    await rm(join(path, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    const { code } = await fetchFailure(fetch({ url, path: 'other' }))
    assert.is(code, 'Unexpected')
    assert.is((await fetch({ url, ref: first })).chart.version, '1.0.0')
    assert.is((await readdir(join(directory, 'git'))).length, 1)
  })
})

test.run()
