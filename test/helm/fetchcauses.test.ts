import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explainFailure } from '../../lib/helm/failure.ts'
import { fetchCauses } from '../../lib/helm/fetchcauses.ts'
import { CommandError, type ErrorCode } from '../../lib/model/errors.ts'

const test = suite('fetchCauses')

const url = 'http://charts.example.com/a-1.0.0.tgz'

// As helm prints it on stdout.
const update = (why: string): string =>
  `Getting updates for unmanaged Helm repositories...\n...Unable to get an update from the "http://a.test" chart repository:\n\t${why}\n`
const noIndex =
  "Error: no cached repository for helm-manager-73cb found. (try 'helm repo update'): open /x: no such file or directory\n"

for (const [situation, code, stderr, sentence, stdout = ''] of [
  [
    'a repository that refuses',
    'RepositoryRefused',
    `Error: failed to fetch ${url} : 401 Unauthorized\n`,
    'the repository refuses it (401 Unauthorized); check the credentials',
  ],
  [
    'an archive that is not there',
    'ChartNotFound',
    `Error: failed to fetch ${url} : 404 Not Found\n`,
    'there is no such chart or version; correct name and version',
  ],
  [
    'a repository that is ill',
    'RepositoryUnreachable',
    `Error: failed to fetch ${url} : 500 Internal Server Error\n`,
    `the repository does not answer: failed to fetch ${url} : 500 Internal Server Error; it is tried again`,
  ],
  [
    'a repository that is down',
    'RepositoryUnreachable',
    'Error: Get "http://127.0.0.1:1/a.tgz": dial tcp 127.0.0.1:1: connect: connection refused\n',
    'the repository does not answer: Get "http://127.0.0.1:1/a.tgz": dial tcp 127.0.0.1:1: connect: connection refused; it is tried again',
  ],
  [
    'a version that its index lacks',
    'ChartVersionNotFound',
    'Error: chart "a" matching 2.0.0 not found in st index. (try \'helm repo update\'): no chart version found for a-2.0.0\n',
    'the repository has no version "2.0.0" of chart "a"',
  ],
  [
    'a scheme without a plugin',
    'ChartSourceInvalid',
    'Error: scheme "s3" not supported\n',
    'no helm plugin serves s3:// addresses; install one, or use http, https or oci',
  ],
  [
    'an alias that nobody defined',
    'ChartSourceInvalid',
    "Error: no repository definition for @ali. Please add them via 'helm repo add'\n",
    'no repository is called @ali; import one, or name its URL',
  ],
  [
    'an alias in the long form that nobody defined',
    'ChartSourceInvalid',
    'Error: could not find protocol handler for: alias\n',
    'no repository has the alias that it names; import one, or name its URL',
  ],
  [
    'a dependency next door that is missing',
    'DependencyUpdateFailed',
    'Error: directory nope not found\n',
    'there is no directory "nope"; correct the path',
  ],
  [
    'a dependency from a repository that is down',
    'RepositoryUnreachable',
    noIndex,
    'one of the repositories that it names cannot be reached; check their URLs',
  ],
  [
    'a dependency from a private repository',
    'RepositoryRefused',
    noIndex,
    'repository "http://a.test" refuses it (401 Unauthorized); import it with its credentials',
    update('failed to fetch http://a.test/index.yaml : 401 Unauthorized'),
  ],
  [
    'a dependency from a host that is unknown',
    'RepositoryUnreachable',
    noIndex,
    'repository "http://a.test" does not answer: Get "http://a.test/index.yaml": dial tcp: lookup a.test: no such host; it is tried again',
    update('Get "http://a.test/index.yaml": dial tcp: lookup a.test: no such host'),
  ],
] as readonly (readonly [string, ErrorCode, string, string, string?])[]) {
  test(`have a sentence for ${situation}`, () => {
    const error = explainFailure(
      new CommandError({ program: 'helm', args: [], reason: 'exit', exitCode: 1, stderr, stdout }),
      {
        verb: 'fetch',
        object: 'chart "a"',
        code: 'DependencyUpdateFailed',
        causes: fetchCauses,
        timeoutMs: 1_000,
        secrets: [],
      },
    )
    assert.is(error.message, `Cannot fetch chart "a": ${sentence}`)
    assert.is(error.code, code)
  })
}

test.run()
