// The page of messages knows every way in which a pass can stop, and only messages that there are.
import { readdir, readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { retryPolicy, type ErrorCode } from '../../lib/model/errors.ts'

const test = suite('docs/troubleshooting.md')
const root = new URL('../../', import.meta.url)

async function read(path: string): Promise<string> {
  return await readFile(new URL(path, root), 'utf8')
}

async function section(title: string): Promise<string> {
  const [, text = ''] = (await read('docs/troubleshooting.md')).split(`\n## ${title}\n`)
  return text.split('\n## ')[0]!
}

async function codes(): Promise<ErrorCode[]> {
  const text = await read('lib/model/errors.ts')
  const union = text.slice(text.indexOf('export type ErrorCode'), text.indexOf('RetryPolicy'))
  return [...union.matchAll(/\| '(\w+)'/g)].map(([, code]) => code as ErrorCode)
}

function headings(text: string): string[] {
  return [...text.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading!)
}

test('its table has every code, in their order, and when each is tried again', async () => {
  const rows = [...(await section('Codes')).matchAll(/^\| `(\w+)` +\|.*\| (\w+) +\|$/gm)]
  assert.equal(
    rows.map(([, code, retry]) => [code, retry]),
    (await codes()).map((code) => [code, retryPolicy(code)]),
  )
})

test('every code of a HelmRelease stands beside a message', async () => {
  const told = (await section('On the HelmRelease')) + (await section('It does not start'))
  // Nothing that a user could have written.
  const internal = ['Unexpected']
  const silent = (await codes()).filter((code) => !told.includes(`\`${code}\``))
  assert.equal(
    silent.filter((code) => !internal.includes(code)),
    [],
  )
})

test('messages on the HelmRelease are in the order of the alphabet', async () => {
  const found = headings(await section('On the HelmRelease'))
  assert.ok(found.length > 20)
  assert.equal(
    found,
    found.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
  )
})

test('messages of the log and of the history are as the code has them', async () => {
  const folder = new URL('lib/', root)
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const code = (
    await Promise.all(files.map((file) => readFile(new URL(file, folder), 'utf8')))
  ).join()
  const told = headings((await section('In the log')) + (await section('In `helm history`')))
  const unknown = told
    .flatMap((heading) => heading.split(', '))
    .map((message) => message.replace(/^(watch|stream) interrupted$/, "'$1'"))
    .map((message) => message.replace(/ pending-upgrade ended/, ' ${was} ended'))
    .map((message) => message.replace(/^Interrupted: /, ''))
    .filter((message) => !code.includes(message))
  assert.equal(unknown, [])
})

// What each kind of failure says of itself, up to what to do about it: `"…" hung up`.
async function sayings(file: string): Promise<string[]> {
  const says = /(?:say: \([^)]*\) =>|\(host\) =>|invalid\()\s*(?:`([^`]*)`|'((?:[^'\\]|\\.)*)')/g
  return [...(await read(file)).matchAll(says)].map(([, template = '', text = '']) =>
    (template + text)
      .replace(/\$\{[^}]*\}/g, '…')
      .replaceAll("\\'", "'")
      .split(/; |: | \(…|\$\{/)[0]!
      .replace(/ ?…*$/, ''),
  )
}

for (const [what, file, least] of [
  ['the network', 'lib/edge/network.ts', 12],
  ['git', 'lib/edge/source/gitfailure.ts', 20],
  ['helm when it fetches', 'lib/helm/fetchcauses.ts', 10],
  ["a chart source's Secret", 'lib/edge/source/secret.ts', 8],
] as const)
  test(`everything that is said of ${what} stands there`, async () => {
    const page = await read('docs/troubleshooting.md')
    const said = await sayings(file)
    assert.ok(said.length >= least, `${said.length}`)
    assert.equal(
      said.filter((text) => !page.includes(text)),
      [],
    )
  })

test.run()
