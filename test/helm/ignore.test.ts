import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isIgnored, parseIgnore } from '../../lib/helm/ignore.ts'

const test = suite('.helmignore')

for (const [rule, path, expected] of [
  ['*.bak', 'templates/a.bak', true],
  ['*.bak', 'templates/a.bak.yaml', false],
  ['# *.bak', 'a.bak', false],
  ['.git/', '.git/config', true],
  ['.git/', '.git', false],
  ['/ci', 'ci/values.yaml', true],
  ['/ci', 'sub/ci', false],
  ['templates/*.txt', 'templates/NOTES.txt', true],
  ['templates/*.txt', 'templates/sub/NOTES.txt', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'bx', false],
  ['a.c', 'abc', false],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['!*.yaml', 'values.yaml', false],
  ['!*.yaml', 'README.md', true],
  ['', 'templates/.hidden', true],
  ['', 'templates/sub/.hidden', false],
  ['', '.hidden', false],
  ['[', 'x', false],
  ['*a*b/*', 'xaxb/y', true],
  ['*a*b', 'xa/b', false],
  ['[^a]', '/', false],
  ['[a-]', '-', true],
  ['a*', 'a', true],
  ['', 'x', false],
  ['*.swp\r', 'a.swp', true],
] as const) {
  test(`${JSON.stringify(rule)} ${expected ? 'leaves out' : 'keeps'} ${path}`, () => {
    assert.is(isIgnored(path, parseIgnore(`${rule}\n`)), expected)
  })
}

test('a pattern of many stars takes no time', () => {
  const rules = parseIgnore(`${'*a'.repeat(200)}x\n${'*'.repeat(200)}x\n`)
  assert.is(isIgnored('a'.repeat(5_000), rules), false)
})

test.run()
