// A git fetcher for one test with a real helm, which counts how often it is started.
import { join } from 'node:path'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { createHelmDriver } from '../../lib/edge/helm.ts'
import { openWorkdir } from '../../lib/edge/workdir.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'
import { testBinaries } from './binaries.ts'
import { withGitFetcher, type GitFetching } from './gitfetch.ts'
import { createRepository, type GitRepository } from './gitserver.ts'
import { testParser } from './parser.ts'

export type HelmBench = GitFetching & {
  repository: GitRepository
  helm: HelmDriver
  helmStarts: () => number
}

/** Runs `use` with an empty repository and helm of that version. */
export async function withHelm<T>(major: 3 | 4, use: (bench: HelmBench) => Promise<T>): Promise<T> {
  return await withGitFetcher(async (fetching) => {
    const { directory } = fetching
    const { helm3, helm4 } = await testBinaries()
    let starts = 0
    const env = { ...process.env, HOME: directory, HELM_CACHE_HOME: join(directory, 'helm') }
    const helm = createHelmDriver({
      fetchEnv: {},
      parser: testParser(),
      limits: { residentBytes: 0, cpuMs: 0 },
      helm: { major, version: `${major}.0.0`, path: major === 3 ? helm3 : helm4 },
      run: createRunner({ env, onStart: () => void starts++ }),
      workdir: await openWorkdir(directory),
      access: {},
      env,
      cacheDir: join(directory, 'helm'),
    })
    const repository = await createRepository(join(directory, 'repository'))
    return await use({ ...fetching, repository, helm, helmStarts: () => starts })
  })
}
