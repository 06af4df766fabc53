// Certificates of the sandbox's authority, read back by somebody else's reader.
import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createAuthority } from '../../../lib/sandbox/auth/identity/certificate.ts'
import { seeded } from '../../helpers/seed.ts'

const test = suite('createAuthority()')
const now = Date.UTC(2026, 0, 15)
const day = 24 * 60 * 60 * 1000

test('it signs for servers, under its own name and key', () => {
  const authority = createAuthority(now)
  const root = new X509Certificate(authority.certificate)
  const server = new X509Certificate(authority.issue(['localhost']).certificate)
  assert.ok(root.ca && !server.ca)
  assert.ok(root.verify(root.publicKey))
  assert.ok(server.checkIssued(root) && server.verify(root.publicKey))
  assert.not.ok(server.verify(new X509Certificate(createAuthority(now).certificate).publicKey))
  assert.is(server.subject, 'CN=kube-apiserver')
  assert.is(server.issuer, 'CN=sandbox-ca')
})

test('a certificate holds for its hosts and for no other', () => {
  const hosts = ['127.0.0.1', '::1', '2001:db8::7', 'localhost', 'kubernetes.default.svc']
  const { certificate } = createAuthority(now).issue(hosts)
  const read = new X509Certificate(certificate)
  for (const host of ['localhost', 'kubernetes.default.svc']) assert.is(read.checkHost(host), host)
  for (const address of ['127.0.0.1', '::1', '2001:db8::7'])
    assert.ok(read.checkIP(address), address)
  assert.is(read.checkHost('example.org'), undefined)
  assert.is(read.checkIP('127.0.0.2'), undefined)
})

test('each certificate has its own serial number and key', () => {
  const authority = createAuthority(now)
  const issued = [1, 2].map(() => authority.issue(['localhost']))
  const [one, two] = issued.map(({ certificate }) => new X509Certificate(certificate))
  assert.is.not(one!.serialNumber, two!.serialNumber)
  assert.not.ok(one!.publicKey.equals(two!.publicKey))
})

test('it holds from a day ago for ten years, a server certificate for one, whenever it is made', () => {
  const dated = (today: number): void => {
    const authority = createAuthority(today)
    const server = authority.issue(['localhost']).certificate
    for (const [pem, days] of [
      [authority.certificate, 3650],
      [server, 365],
    ] as const) {
      const { validFrom, validTo } = new X509Certificate(pem)
      const second = Math.floor(today / 1000) * 1000
      assert.is(Date.parse(validFrom), second - day)
      assert.is(Date.parse(validTo), second + days * day)
    }
  }
  // On both sides of 2050, where the notation changes.
  const times = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2090, 0) })
  fc.assert(fc.property(times, dated), seeded('certificates', 40))
})

test.run()
