// Certificates for test servers and clients, made without a program: X.509 (RFC 5280), written as DER.
import { Buffer } from 'node:buffer'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export type Certificate = { cert: string; key: string }

const hosts = ['localhost', 'charts.example.test']
const addresses = [
  [127, 0, 0, 1],
  [0, 0, 0, 0],
]
const dayMs = 86_400_000

/** A key and a certificate that vouches for itself, PEM, for 127.0.0.1, localhost and charts.example.test. */
export function selfSigned(name: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(name)))))
  const content = sequence(
    tlv(0xa0, integer([2])), // version 3
    integer([1, ...randomBytes(8)]), // serial number
    ecdsaWithSha256,
    subject, // the issuer
    sequence(time(Date.now() - dayMs), time(Date.now() + dayMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(basicConstraints(), alternativeNames())),
  )
  const signature = sign('sha256', content, privateKey)
  const whole = sequence(content, ecdsaWithSha256, bitString(signature))
  return {
    cert: pem(whole),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

// Clients trust it as an authority of its own.
function basicConstraints(): Buffer {
  const isAuthority = tlv(0x01, Buffer.from([0xff]))
  return sequence(oid('551d13'), isAuthority, tlv(0x04, sequence(isAuthority)))
}

function alternativeNames(): Buffer {
  const names = hosts.map((host) => tlv(0x82, Buffer.from(host)))
  const numbers = addresses.map((address) => tlv(0x87, Buffer.from(address)))
  return sequence(oid('551d11'), tlv(0x04, sequence(...names, ...numbers)))
}

// Type, length, value.
function tlv(type: number, ...values: Buffer[]): Buffer {
  const value = Buffer.concat(values)
  const { length } = value
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([type, ...(length < 0x80 ? [length] : long)]), value])
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

function integer(bytes: number[]): Buffer {
  return tlv(0x02, Buffer.from(bytes))
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'))
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), bytes)
}

// GeneralizedTime, "20260101120000Z".
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '')
  return tlv(0x18, Buffer.from(text))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

// 1.2.840.10045.4.3.2
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'))
