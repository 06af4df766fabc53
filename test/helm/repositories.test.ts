import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  encodeRepositories,
  findRepository,
  mergeRepositories,
  parseRepositories,
} from '../../lib/helm/repositories.ts'

const test = suite('repositories.yaml')

const text = `apiVersion: ""
generated: "2024-01-01T00:00:00Z"
repositories:
- name: ours
  url: https://charts.test/a
  username: ann
  password: hunter2
  caFile: /ca.pem
  certFile: ""
  pass_credentials_all: true
  insecure_skip_tls_verify: true
- name: ""
  url: https://nameless.test
- cache: old
  name: stable
  url: https://charts.test/stable/?x=1
`
const ours = {
  name: 'ours',
  url: 'https://charts.test/a',
  username: 'ann',
  password: 'hunter2',
  caFile: '/ca.pem',
  passCredentials: true,
  insecure: true,
}
const stable = {
  name: 'stable',
  url: 'https://charts.test/stable/?x=1',
  passCredentials: false,
}

test('gives the entries that have a name and a URL', () => {
  assert.equal(parseRepositories(text), [ours, stable])
})

test('holds nothing when it is empty', () => {
  for (const other of ['', 'repositories: null', 'repositories: []'])
    assert.equal(parseRepositories(other), [])
})

test('is refused when it is something else', () => {
  for (const other of ['[]', 'x', 'repositories: {}', 'kind: Secret', 'repositories: ['])
    assert.throws(() => parseRepositories(other), /no list of "repositories"|not valid YAML/)
})

test('reads what it writes', () => {
  assert.equal(parseRepositories(encodeRepositories([ours, stable])), [ours, stable])
})

test('of two entries with one name the first counts', () => {
  const other = { ...stable, name: 'ours' }
  assert.equal(mergeRepositories([[ours], [other, stable]]), [ours, stable])
})

for (const [url, name] of [
  ['https://charts.test/a', 'ours'],
  ['https://charts.test/a/', 'ours'],
  ['https://charts.test//x/../a', 'ours'],
  ['https://charts.test/stable?x=1', 'stable'],
  ['https://charts.test/stable', undefined],
  ['http://charts.test/a', undefined],
  ['https://charts.test/a/b', undefined],
] as const) {
  test(`${url} is ${name ?? 'none of them'}`, () => {
    assert.is(findRepository([ours, stable], url)?.name, name)
  })
}

test.run()
