// What helm's errors mean when it fetches charts or their dependencies: the first pattern that fits wins.
import type { CauseOfFailure } from './causes.ts'
import { short } from './phrases.ts'

export const fetchCauses: readonly CauseOfFailure[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'DiskFull',
    say: () => 'no space is left; free some, or point --cache-dir elsewhere',
  },
  {
    pattern:
      /Unable to get an update from the "([^"]*)" chart repository.*:\s+.*: (40[13] (?:Unauthorized|Forbidden))/,
    code: 'RepositoryRefused',
    say: ([, url, why]) =>
      `repository "${url}" refuses it (${why}); import it with its credentials`,
  },
  {
    pattern: /Unable to get an update from the "([^"]*)" chart repository.*:\s+(.*)/,
    code: 'RepositoryUnreachable',
    say: ([, url, why = '']) =>
      `repository "${url}" does not answer: ${short(why)}; it is tried again`,
  },
  {
    pattern:
      /\b(401 Unauthorized|403 Forbidden|unauthorized|denied|authentication required|credential not found)/i,
    code: 'RepositoryRefused',
    say: ([, why]) => `the repository refuses it (${why}); check the credentials`,
  },
  {
    pattern: /chart "([^"]+)" matching (\S*) ?not found in \S+ index[\s\S]*no chart version found/,
    code: 'ChartVersionNotFound',
    say: ([, name, version]) => `the repository has no version "${version}" of chart "${name}"`,
  },
  {
    pattern: /: 404 Not Found|manifest unknown|no chart name found|: not found\b/i,
    code: 'ChartNotFound',
    say: () => 'there is no such chart or version; correct name and version',
  },
  {
    pattern: /(?:scheme "|protocol handler for: )alias\b/,
    code: 'ChartSourceInvalid',
    say: () => 'no repository has the alias that it names; import one, or name its URL',
  },
  {
    pattern: /scheme "([^"]+)" not supported|could not find protocol handler for: (\S+)/,
    code: 'ChartSourceInvalid',
    say: ([, scheme, other]) =>
      `no helm plugin serves ${scheme ?? other}:// addresses; install one, or use http, https or oci`,
  },
  {
    pattern: /no repository definition for (.+?)\. Please|repo (\S+) not found/,
    code: 'ChartSourceInvalid',
    say: ([, alias, name]) =>
      `no repository is called ${alias ?? `"${name}"`}; import one, or name its URL`,
  },
  {
    pattern: /directory (\S+) not found|could not find ([^:\n]+):/,
    say: ([, dependency, chart]) =>
      `there is no directory "${dependency ?? chart}"; correct the path`,
  },
  {
    pattern: /no cached repository for/,
    code: 'RepositoryUnreachable',
    say: () => 'one of the repositories that it names cannot be reached; check their URLs',
  },
  {
    pattern:
      /dial tcp|connection re(?:fused|set)|no such host|i\/o timeout|TLS|tls: |x509: |EOF|Client\.Timeout|deadline exceeded| : 5\d\d /,
    code: 'RepositoryUnreachable',
    say: (_, { text }) => `the repository does not answer: ${short(text)}; it is tried again`,
  },
]
