// Tokens of the sandbox over time, and what becomes of senders who send nonsense.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createTokenSigner } from '../../../lib/sandbox/auth/identity/jwt.ts'
import { createSandbox, type Sandbox } from '../../../lib/sandbox/sandbox.ts'
import { clientOf } from '../../helpers/requests.ts'
import { seeded } from '../../helpers/seed.ts'

const test = suite('tokens of the sandbox')

function sandboxAt(now: () => number): Sandbox {
  const clock = { now, after: () => () => undefined }
  return createSandbox({ clock, random: Math.random })
}

test('a token holds until it has ended a minute ago, which clocks may differ by, and not a second longer', async () => {
  let now = Date.UTC(2026, 0, 15)
  const sandbox = sandboxAt(() => now)
  const client = clientOf(sandbox)
  const account = '/api/v1/namespaces/default/serviceaccounts/default/token'
  const { body } = await client.post(account, { spec: { expirationSeconds: 600 } })
  assert.is(body.status['expirationTimestamp'], '2026-01-15T00:10:00Z')
  const headers = { authorization: `Bearer ${String(body.status['token'])}` }
  now += 660_000
  assert.is((await client.get('/version', headers)).status, 200)
  now += 1_000
  assert.is((await client.get('/version', headers)).status, 401)
  const review = { spec: { token: body.status['token'] } }
  const { body: reviewed } = await client.post(
    '/apis/authentication.k8s.io/v1/tokenreviews',
    review,
  )
  assert.is(reviewed.status['error'], '[invalid bearer token, service account token has expired]')
})

test('tokens of one sandbox are nothing to another', async () => {
  const [one, other] = [sandboxAt(() => 0), sandboxAt(() => 0)]
  const { status } = await clientOf(other).get('/version', {
    authorization: `Bearer ${one.adminToken}`,
  })
  assert.is(status, 401)
})

test('a token that was changed in any place is nobody’s', () => {
  const signer = createTokenSigner()
  const token = signer.sign({ sub: 'somebody', exp: 1 })
  assert.equal(signer.verify(token), { sub: 'somebody', exp: 1 })
  const letters = 'ABCabc019-_.='
  const changed = (place: number, letter: string): void => {
    const at = place % token.length
    const forged = token.slice(0, at) + letter + token.slice(at + 1)
    // The last letter of a part has bits that mean nothing.
    const isSame = (text: string): string =>
      text
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('hex'))
        .join()
    if (isSame(forged) !== isSame(token)) assert.is(signer.verify(forged), undefined)
  }
  const place = fc.nat({ max: 10_000 })
  fc.assert(fc.property(place, fc.constantFrom(...letters), changed), seeded('changed tokens', 500))
})

test('whatever stands in the headers of a credential, the answer is a yes or a refusal', async () => {
  const sandbox = sandboxAt(() => Date.UTC(2026, 0, 15))
  const text = fc.stringMatching(/^[!-~]{0,40}$/)
  const authorization = fc.oneof(
    text,
    text.map((one) => `Bearer ${one}`),
    fc.json().map((one) => {
      const part = Buffer.from(one).toString('base64url')
      return `Bearer ${part}.${part}.${part}`
    }),
  )
  const names = [
    ...['impersonate-user', 'impersonate-group', 'impersonate-uid'],
    ...['impersonate-extra-%', 'impersonate-extra-a%2fb', 'impersonate-extra-'],
  ]
  const value = fc.oneof(
    text,
    fc.constantFrom(
      'system:node:',
      'system:node:a',
      'system:serviceaccount:a:b',
      'system:anonymous',
    ),
  )
  const headers = fc.record(
    { authorization, ...Object.fromEntries(names.map((name) => [name, value])) },
    { requiredKeys: [] },
  )
  const answered = async (sent: Record<string, string>): Promise<void> => {
    for (const answer of [sandbox.handle, sandbox.serve]) {
      const request = new Request('http://sandbox/api/v1/namespaces/default/configmaps', {
        headers: sent,
      })
      const { status } = await answer(request)
      assert.ok([200, 400, 401, 403].includes(status), `${status} for ${JSON.stringify(sent)}`)
    }
  }
  await fc.assert(fc.asyncProperty(headers, answered), seeded('headers of credentials', 1_000))
})

test('who sends nonsense instead of a token is never the administrator over HTTPS', async () => {
  const sandbox = sandboxAt(() => Date.UTC(2026, 0, 15))
  const refused = async (authorization: string): Promise<void> => {
    const request = new Request('https://sandbox/api/v1/secrets', { headers: { authorization } })
    assert.ok((await sandbox.serve(request)).status >= 401)
  }
  const text = fc.stringMatching(/^[ -~]{0,60}$/)
  const words = fc.oneof(
    text,
    text.map((one) => `Bearer ${one}`),
  )
  await fc.assert(fc.asyncProperty(words, refused), seeded('nonsense over HTTPS', 1_000))
})

test.run()
