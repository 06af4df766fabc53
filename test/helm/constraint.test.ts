// What Masterminds/semver says, row by row as it was measured with the Go library itself.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseVersion, parseConstraint, satisfies } from '../../lib/helm/constraint.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const measured = suite('satisfies()')

for (const [constraint, version, expected] of [
  ['>=1.2.3 <2.0.0', '1.5.0', true],
  ['>=1.2.3, <2.0.0', '1.5.0', true],
  ['>=1.2.3,<2.0.0', '2.0.0', false],
  ['!=1.2.3', '1.2.4', true],
  ['!=1.2.x', '1.2.9', false],
  ['!=1.2', '1.3.0', true],
  ['~1.2.3, !=1.2.5', '1.2.6', true],
  ['=>1.2.3', '1.2.3', true],
  ['=<1.2.3', '1.2.2', true],
  ['*', '1.2.3-alpha', false],
  ['*-0', '1.2.3-alpha', true],
  ['>=0-0', '1.0.0-alpha', true],
  ['^1-0', '1.3.0-rc.1', true],
  ['~1.2-0', '1.2.4-beta.1', true],
  ['6.x-0', '6.0.0-rc.1', true],
  ['1.2.x-0', '1.2.3-alpha', true],
  ['>=1.2.3-0', '2.0.0-rc.1', true],
  ['>=1.2.3-beta.1', '1.2.3-beta.2', true],
  ['>=1.2.3-beta.1', '1.2.4-beta.1', true],
  ['^1.2.3-beta.1', '1.3.0-rc.1', true],
  ['~1.2.3-beta.1', '1.2.4-beta.1', true],
  ['^0.2.3-beta', '0.2.4-beta', true],
  ['>0.0.0-0', '1.2.3-alpha', true],
  ['>=0.0.0-0', '1.0.0-alpha', true],
  ['<2.0.0-0', '1.9.0-rc.1', true],
  ['>=1.0.0 <2.0.0-0', '1.3.0-rc.1', true],
  ['>=1.0.0 <2.0.0-0', '2.0.0-rc.1', false],
  ['<2.0.0', '2.0.0-rc.1', false],
  ['<=2.0.0-rc.1', '1.3.0-rc.1', true],
  ['1.0.0 - 2.0.0-rc.1', '1.5.0-beta', true],
  ['>=1.0.0 <2.0.0 || >=3.0.0-0', '1.5.0-beta', false],
  ['~1.2.3-beta.1 || >=3', '1.2.4-beta.1', true],
  ['1.2 - 2.3', '2.3.5', true],
  ['1.2.3 - 1.4', '1.4.9', true],
  ['1.2-1.4.5', '1.2.0-2', true],
  ['1.x.3', '1.4.5', true],
  ['x.1.2', '2.0.0', true],
  ['~0.0.0', '5.0.0', true],
  ['^*', '1.0.0', false],
  ['^*', '0.0.0', true],
  ['> *', '1.0.0', true],
  ['<= *', '1.0.0', false],
  ['>1', '1.9.9', false],
  ['>1', '2.0.0', true],
  ['<=1.2', '1.2.9', true],
  ['^0.0', '0.0.9', true],
  ['^0.1', '0.2.0', false],
  ['~0', '0.9.9', true],
  ['1.02.3', '1.2.3', true],
  ['1.2', '1.2', true],
  ['=1.2.3+a', '1.2.3+b', true],
  ['v1.x', '1.5.0', true],
  ['>=1.2.3-BETA', '1.2.3-alpha', true],
  ['>=1.2.3-beta.9', '1.2.3-beta.10', true],
  // The grammar's own examples.
  ['>1.2', '1.2.9', false],
  ['>1.2', '1.3.0', true],
  ['<=1', '1.9.9', true],
  ['<=1', '2.0.0', false],
  ['<1.2', '1.1.9', true],
  ['<1.2', '1.2.0', false],
  ['~1.2.3', '1.3.0', false],
  ['~1', '1.9.0', true],
  ['~>1.2.3', '1.2.9', true],
  ['^1.2.3', '1.99.0', true],
  ['^1.2.3', '1.2.2', false],
  ['^0.2.3', '0.3.0', false],
  ['^0.0.3', '0.0.4', false],
  ['^0.0', '0.1.0', false],
  ['^0', '0.9.0', true],
  ['^0', '1.0.0', false],
  ['=1.2', '1.2.7', true],
  ['=1.2', '1.3.0', false],
  ['!=1.2', '1.2.0', false],
  ['!=1', '2.0.0', true],
  ['>=1.0.0,<2.0.0,!=1.5.0', '1.5.0', false],
  ['>=1.2.3-beta.9', '1.2.3-Alpha', false],
] as const) {
  measured(`${expected ? 'allows' : 'refuses'} ${version} for "${constraint}"`, () => {
    const parsed = parseConstraint(constraint)
    assert.ok(parsed, 'the constraint is one')
    assert.is(satisfies(version, parsed), expected)
  })
}

measured('a text that is no version satisfies nothing, not even "*-0"', () => {
  for (const version of ['latest', '', '1.2.3.4', '1.2.3-', '1.2.3-01'])
    assert.is(satisfies(version, parseConstraint('*-0')!), false, version)
})

measured.run()

const parsing = suite('parseConstraint()')

for (const text of [
  '>=1.2.3<2.0.0',
  '==1.2.3',
  '',
  ' ',
  '1.2.3 -1.4',
  '|| 1.2.3',
  '1.2.3 ||',
  '1.2.3.4',
  'latest',
  '1.2.3,',
  ',1.2.3',
  '1.2.3,,1.2.4',
  '1.0.0 1.2 - 2.3',
  '>=1.2 - 2.3',
  '1.2.3-01',
]) {
  parsing(`refuses "${text}"`, () => {
    assert.is(parseConstraint(text), undefined)
  })
}

parsing('a text made to keep a regular expression busy is refused at once', () => {
  const startedAt = performance.now()
  for (const text of [
    `${'1  '.repeat(330)}!`,
    `${'1 , '.repeat(240)}!`,
    `1.2.3-${'a.'.repeat(480)}!`,
    ' '.repeat(100_000),
    '1 - '.repeat(240),
  ])
    assert.is(parseConstraint(text), undefined)
  assert.ok(performance.now() - startedAt < deadlineMs(500))
})

parsing.run()

const choosing = suite('chooseVersion()')
const offers = (...versions: string[]): { version: string }[] =>
  versions.map((version) => ({ version }))

for (const [situation, versions, wanted, expected] of [
  ['an exact version is there', ['1.0.0', '1.1.0'], '1.0.0', '1.0.0'],
  ['an entry is written like the wish, though no version', ['1.0.0', 'latest'], 'latest', 'latest'],
  ['an exact pre-release is asked for', ['1.0.0-rc.1', '1.0.0'], '1.0.0-rc.1', '1.0.0-rc.1'],
  ['several match', ['1.9.0', '1.10.0', '2.0.0'], '1.x', '1.10.0'],
  ['the highest is a pre-release', ['1.0.0', '1.1.0-rc.1'], '>=1.0.0', '1.0.0'],
  ['a version lacks a part', ['1.2', '1.1.0'], '1.x', '1.1.0'],
  ['a version has a leading v', ['v1.2.0', '1.1.0'], '^1.0.0', 'v1.2.0'],
  ['a version is nonsense', ['banana', '1.1.0'], '*', '1.1.0'],
  ['nothing is asked for', ['1.0.0', '2.0.0-rc.1'], '', '1.0.0'],
  ['blanks surround the wish', ['1.0.0'], ' 1.0.0 ', '1.0.0'],
  ['nothing matches', ['1.0.0'], '>2', undefined],
  ['the wish is no constraint', ['1.0.0'], 'newest', undefined],
  ['there is nothing', [], '*', undefined],
] as const) {
  choosing(`picks ${expected ?? 'nothing'} when ${situation}`, () => {
    assert.is(chooseVersion(offers(...versions), wanted)?.version, expected)
  })
}

choosing('of equal versions the one created last', () => {
  const created = (version: string, at: string) => ({ version, created: at })
  const older = created('1.0.0+a', '2024-01-01T00:00:00Z')
  const newer = created('1.0.0+b', '2024-02-01T00:00:00Z')
  assert.is(chooseVersion([older, newer], '1.0.0')?.version, '1.0.0+b')
  assert.is(chooseVersion([newer, older], '1.0.0')?.version, '1.0.0+b')
})

choosing.run()
