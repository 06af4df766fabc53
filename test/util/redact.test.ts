import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRedactor } from '../../lib/util/redact.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const test = suite('createRedactor()')

const secret = 'p@ss "word"\\1'

for (const [situation, written] of [
  ['as it is', secret],
  ['with the line feed it ended in', secret + '\n'],
  ['in base64', Buffer.from(secret).toString('base64')],
  ['in JSON', JSON.stringify(secret)],
  ['in a URL', encodeURIComponent(secret)],
  ['in upper case', secret.toUpperCase()],
  ['in hexadecimal', Buffer.from(secret).toString('hex')],
  ['in base64 over two lines', Buffer.from(secret).toString('base64').replace(/^.{7}/, '$&\n  ')],
  ['over two lines', secret.replace('word', 'wo\n    rd')],
  ['in JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(1, -1)],
] as const) {
  test(`hides a known secret written ${situation}`, () => {
    const text = createRedactor([secret + '\n'])(`before ${written} after`)
    assert.match(text, '***')
    assert.not.match(text, 'word')
    assert.not.match(text, Buffer.from(secret).toString('base64').slice(0, 6))
    assert.ok(text.startsWith('before ') && text.endsWith(' after'))
  })
}

for (const user of ['a', 'me', 'you', 'them'])
  test(`hides a known secret amid others in base64, after "${user}"`, () => {
    const packed = Buffer.from(`${user}:correct horse, and more`).toString('base64')
    const shown = createRedactor(['correct horse'])(`auth ${packed}`)
    assert.match(shown, /^auth \S*\*\*\*\S*$/)
    const left = Buffer.from(shown.slice('auth '.length).split('***').join('A'), 'base64')
    assert.not.match(left.toString(), /corre|horse/)
  })

test('hides each line of a secret of several lines', () => {
  const redact = createRedactor(['first line of it\nsecond line of it\n'])
  assert.is(redact('line 2: cannot parse second line of it'), 'line 2: cannot parse ***')
})

test('hides the whole of a secret that contains another', () => {
  assert.is(createRedactor(['abcd', 'abcdefgh'])('x abcdefgh x abcd'), 'x *** x ***')
})

for (const [secrets, text, expected] of [
  [['flux'], 'helmreleases.helm.fluxcd.io of flux', 'helmreleases.helm.fluxcd.io of ***'],
  [['web'], 'deployment "web" of webhook', 'deployment "web" of webhook'],
  [['Admin'], 'admin, administrator, ADMIN: denied', '***, administrator, ***: denied'],
  [['123456'], 'at 12345678 bytes, 123456 said', 'at 12345678 bytes, *** said'],
  [['s3cr3t'], 'xs3cr3ty', 'x***y'],
] as const)
  test(`hides ${secrets.join()} in "${text}" as "${expected}"`, () => {
    assert.is(createRedactor(secrets)(text), expected)
  })

test('hides what is left of a long secret, wherever it was cut', () => {
  const long = Array.from({ length: 400 }, (_, index) => `line-${index}-of-it`).join('')
  const shown = createRedactor([long])(`<${long.slice(0, 1_500)}> and <${long.slice(700)}>`)
  assert.ok(shown.split('of-it').length < 60, shown)
  assert.ok(!shown.includes('line-60-'))
})

test('leaves words alone that are too short to be told from others', () => {
  assert.is(createRedactor(['80', 'yes', '', ' '])('yes, port 80'), 'yes, port 80')
})

for (const [text, expected] of [
  ['https://user:pass@host/x', 'https://***@host/x'],
  ['https://ghp_token@host/x?a=b', 'https://***@host/x?a=b'],
  ['https://user:p@ss@host/x', 'https://***@host/x'],
  ['ssh://git@github.com/x', 'ssh://git@github.com/x'],
  ['http://host/a@b and c@d', 'http://host/a@b and c@d'],
  ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic ***'],
  ['"authorization":"Bearer abc.def"', '"authorization":"Bearer ***"'],
  ['sent Bearer abcdefghijklmnop1234', 'sent Bearer ***'],
  ['password=hunter2&user=x', 'password=***&user=x'],
  ['{"dbPassword": "hunter2", "a": 1}', '{"dbPassword": ***, "a": 1}'],
  ['--password hunter2 --user x', '--password *** --user x'],
  ['rootPassword: hunter2', 'rootPassword: ***'],
] as const) {
  test(`makes "${text}" into "${expected}"`, () => {
    assert.is(createRedactor()(text), expected)
  })
}

for (const text of [
  'secrets "db-password" not found',
  'invalid token: unexpected end of file',
  'Cannot read Secret "shop/token": it does not exist',
]) {
  test(`does not spoil the sentence: ${text}`, () => {
    assert.is(createRedactor()(text), text)
  })
}

test('hides a private key', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'
  assert.is(createRedactor()(`x ${key} y`), 'x *** y')
})

test('hides a private key that was cut off, and each of several, but not what stands between', () => {
  const redact = createRedactor()
  const key = (kind: string) => `-----BEGIN ${kind}-----\nMIIE\n-----END ${kind}-----`
  assert.is(
    redact(`one ${key('PRIVATE KEY')} two ${key('EC PRIVATE KEY')} three`),
    'one *** two *** three',
  )
  assert.is(redact('one -----BEGIN PRIVATE KEY-----\nMIIEvQ'), 'one ***')
  assert.is(redact('-----BEGIN PRIVATE KEY-----'.repeat(30_000)), '***')
})

test('is quick on long text without spaces', () => {
  const startedAt = performance.now()
  createRedactor(['something'])('A'.repeat(500_000) + ' ' + 'password'.repeat(50_000))
  assert.ok(performance.now() - startedAt < deadlineMs(1_000))
})

test.run()
