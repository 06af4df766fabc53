import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeDockerConfig, findCredentials } from '../../lib/helm/dockerconfig.ts'

const test = suite('Docker config')
const ann = { username: 'ann', password: 'a:b' }
const auth = Buffer.from('ann:a:b').toString('base64')

for (const [form, auths, registry] of [
  ['an encoded pair', { 'ghcr.io': { auth } }, 'ghcr.io'],
  ['name and password', { 'ghcr.io': ann }, 'ghcr.io'],
  ['a URL as key', { 'https://ghcr.io/v2/': { auth } }, 'ghcr.io'],
  ['a port', { 'localhost:5000': { auth } }, 'localhost:5000'],
  ["Docker's own", { 'https://index.docker.io/v1/': { auth } }, 'docker.io'],
] as const) {
  test(`finds credentials written as ${form}`, () => {
    assert.equal(findCredentials(JSON.stringify({ auths }), registry), ann)
  })
}

for (const [situation, text] of [
  ['another registry is named', JSON.stringify({ auths: { 'quay.io': { auth } } })],
  ['only a longer name is there', JSON.stringify({ auths: { 'my.ghcr.io': { auth } } })],
  ['the pair is none', JSON.stringify({ auths: { 'ghcr.io': { auth: 'bm9uZQ==' } } })],
  ['a helper keeps them', JSON.stringify({ credHelpers: { 'ghcr.io': 'ecr' } })],
  ['it is no JSON', 'auths:'],
  ['it is null', 'null'],
] as const) {
  test(`finds nothing when ${situation}`, () => {
    assert.is(findCredentials(text, 'ghcr.io'), undefined)
  })
}

test('reads what it writes', () => {
  assert.equal(findCredentials(encodeDockerConfig('ghcr.io', ann), 'ghcr.io'), ann)
})

test.run()
