import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/model/json.ts'
import { secretTexts } from '../../lib/plan/secret-texts.ts'

const test = suite('secretTexts()')

for (const name of [
  ...[
    'password',
    'dbPassword',
    'POSTGRES_PASSWORD',
    'passphrase',
    'rootPwd',
    'token',
    'authTokens',
  ],
  ...['apiKey', 'api-key', 'accessKey', 'secretKey', 'clientSecret', 'credentials', 'auth', 'dsn'],
])
  test(`what stands under "${name}" is secret, also if it looks like a word`, () => {
    assert.equal(secretTexts({ [name]: 'cluster' }), ['cluster'])
    assert.equal(secretTexts({ [name]: { a: ['cluster'] } }), ['cluster'])
    assert.ok(secretTexts({ [name]: 4711 }).includes('4711'))
  })

for (const name of [
  ...['existingSecret', 'secretName', 'passwordSecretRef', 'tokenPath', 'passwordPolicy', 'image'],
  ...['tokenEnabled', 'secretNamespace', 'author', 'passthrough', 'compass', 'keyspace'],
])
  test(`what stands under "${name}" is none for that`, () => {
    assert.equal(secretTexts({ [name]: 'cluster' }), [])
  })

test('a map of secrets holds secrets, but for what is about them', () => {
  const auth = { enabled: true, username: 'admin', rootPassword: 'word', existingSecret: 'shop-db' }
  assert.equal(secretTexts({ auth, secrets: { whatever: 'word2' } }), ['word', 'word2'])
})

for (const text of [
  ...['helmreleases.helm.fluxcd.io', 'flux', 'ClusterIP', 'RollingUpdate', 'cluster-issuer'],
  ...['docker.io/library/nginx:1.21.6-alpine', 'https://example.com/some/path?a=b', '10.0.0.0/16'],
  ...['500m', '256Mi', 'eu-central-1', '/var/lib/postgresql/data', 'app.kubernetes.io/name'],
  ...[
    '2024-01-31T12:00:00Z',
    '*/15 * * * *',
    'admin@example.com',
    '>=1.20.0-0',
    'TZ=Europe/Berlin',
  ],
  ...['Always', 'kube-prometheus-stack', '--log-level=debug --v=4', 'true', 'default', 'k8s-app'],
  ...['some words that make a sentence', '{{ .Values.image.tag }}', 'shop-db-postgresql.shop.svc'],
])
  test(`${JSON.stringify(text)} under any name is an ordinary text`, () => {
    assert.equal(secretTexts({ a: text, list: [text] }), [])
  })

for (const text of [
  ...[
    'canary-5f1e2d3c',
    'canary-one-7Tq',
    'hunter2!hunter',
    'AKIAIOSFODNN7EXAMPLE',
    'wJalrXUtnFEMI/K7MDENG/bPxRfi',
  ],
  ...['ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'p@ss$word', 'xoxb-123456789012-abcdefGHIJ'],
  ...['postgres://shop:cluster@db/shop', 'correct§horse', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
])
  test(`${JSON.stringify(text)} under any name is secret`, () => {
    assert.equal(secretTexts({ a: text }), [text])
    assert.ok(secretTexts({ a: `--with ${text} --and more` }).includes(text))
  })

test('of a file within a value, assignments to secret names and random words are secret', () => {
  const file =
    '[db]\nhost = db.shop.svc\npassword = cluster\ntoken_path: /var/run/token\nkey: 5f1e2d3cab\n'
  assert.equal(secretTexts({ config: file }).sort(), ['5f1e2d3cab', 'cluster'])
  const json = '{"user":"shop","password":"cluster"}'
  assert.equal(secretTexts({ config: json }), [json, 'cluster'])
})

test('a private key is secret as a whole', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n'
  assert.equal(secretTexts({ a: key }), [key])
})

test('numbers are secret when they are no counts, or by name', () => {
  const numbers: JsonObject = { port: 8080, size: 65534, id: 1234567, pin: 99, token: 1234 }
  const found = secretTexts(numbers)
  assert.equal(
    ['8080', '65534', '1234567', '99', '1234'].map((text) => found.includes(text)),
    [...[false, false, true, false, true]],
  )
})

test('it is known what a secret says in base64', () => {
  const packed = Buffer.from('hunter2 is a secret').toString('base64')
  assert.equal(secretTexts({ password: packed }), [packed, 'hunter2 is a secret'])
  assert.equal(secretTexts({ data: packed }), [packed, 'hunter2 is a secret'])
})

test('a word of a megabyte is one secret, and is gone through once', () => {
  const word = 'a'.repeat(1_000_000)
  assert.equal(secretTexts({ blob: word }), [word])
  assert.equal(secretTexts({ file: `# a\n# b\n# c\n# d\n${word}\npassword=hunter2` }), [
    word,
    'hunter2',
  ])
})

test.run()
