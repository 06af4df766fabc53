// X.509 certificates, as few as a cluster needs: one authority, and what it signs for its servers. ECDSA on P-256 throughout.
// Written here because node:crypto reads certificates but makes none: the DER of RFC 5280, with the extensions clients check.
import { Buffer } from 'node:buffer'
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'

export type KeyedCertificate = { certificate: string; key: string }

export interface CertificateAuthority {
  // PEM, to be given to whoever shall trust it.
  readonly certificate: string
  // A certificate for servers of these host names and addresses, with its key, both in PEM.
  issue(hosts: readonly string[]): KeyedCertificate
}

const day = 24 * 60 * 60 * 1000
// As long as kubeadm gives its own: no sandbox lives to see them end.
const authorityDays = 3650
const serverDays = 365

/** A new authority, unlike any other, which believes that it is now this many milliseconds after 1970. */
export function createAuthority(now: number): CertificateAuthority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const own = spkiOf(keys.publicKey)
  const signer = { name: 'sandbox-ca', spki: own, privateKey: keys.privateKey }
  const root = certificateOf({
    subject: 'sandbox-ca',
    spki: own,
    signer,
    from: now - day,
    until: now + authorityDays * day,
    extensions: authorityExtensions(),
  })
  return {
    certificate: root,
    issue(hosts) {
      const server = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const certificate = certificateOf({
        subject: 'kube-apiserver',
        spki: spkiOf(server.publicKey),
        signer,
        from: now - day,
        until: now + serverDays * day,
        extensions: serverExtensions(hosts),
      })
      const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' })
      return { certificate, key: key.toString() }
    },
  }
}

type Contents = {
  subject: string
  // The key that is certified, as SubjectPublicKeyInfo.
  spki: Buffer
  signer: { name: string; spki: Buffer; privateKey: KeyObject }
  from: number
  until: number
  extensions: Buffer[]
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))

// TBSCertificate, then the algorithm and the signature over it.
function certificateOf(contents: Contents): string {
  const { subject, spki, signer, from, until } = contents
  const serial = randomBytes(16)
  // Positive, and never shorter for a leading zero.
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    commonName(signer.name),
    sequence(time(from), time(until)),
    commonName(subject),
    spki,
    tagged(0xa3, sequence(...contents.extensions, ...keyIdentifiers(spki, signer.spki))),
  )
  const der = sequence(body, ecdsaWithSha256, bitString(sign('sha256', body, signer.privateKey)))
  const lines = der.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

const isCritical = tagged(0x01, Buffer.from([0xff]))

function authorityExtensions(): Buffer[] {
  return [
    // cA, and keyCertSign with cRLSign.
    extension('2.5.29.19', sequence(isCritical), true),
    extension('2.5.29.15', tagged(0x03, Buffer.from([1, 0x06])), true),
  ]
}

function serverExtensions(hosts: readonly string[]): Buffer[] {
  const names = hosts.map((host) =>
    isIP(host) === 0 ? tagged(0x82, Buffer.from(host, 'ascii')) : tagged(0x87, address(host)),
  )
  return [
    extension('2.5.29.19', sequence(), true),
    // digitalSignature, for TLS servers.
    extension('2.5.29.15', tagged(0x03, Buffer.from([7, 0x80])), true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...names)),
  ]
}

// Which key this is, and which key has signed.
function keyIdentifiers(own: Buffer, authority: Buffer): Buffer[] {
  const digest = (key: Buffer): Buffer => createHash('sha1').update(key).digest()
  return [
    extension('2.5.29.14', tagged(0x04, digest(own))),
    extension('2.5.29.35', sequence(tagged(0x80, digest(authority)))),
  ]
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [isCritical] : []), tagged(0x04, value))
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))))
}

// Until 2049 the year has two digits.
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')
  return text < '2050' ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text))
}

function address(host: string): Buffer {
  if (isIP(host) === 4) return Buffer.from(host.split('.').map(Number))
  const [head = '', tail = ''] = host.split('::')
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => parseInt(group, 16))
  const [first, last] = [groups(head), groups(tail)]
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes)
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes)
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80)
  return bytes
}

// Tag, length, contents.
function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const contents = Buffer.concat(parts)
  const { length } = contents
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), contents])
}
