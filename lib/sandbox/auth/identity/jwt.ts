// JSON Web Tokens as an API server signs them: with one key that lives as long as the process, by ES256.
import { Buffer } from 'node:buffer'
import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'

export type Claims = { [claim: string]: unknown }

export interface TokenSigner {
  sign(claims: Claims): string
  // The claims of a token that this signer signed; undefined for anything else.
  verify(token: string): Claims | undefined
}

// What JWS calls ES256 has its two numbers side by side, without DER around them.
const dsaEncoding = 'ieee-p1363'

/** A signer with a new key, which is made when it is needed first. */
export function createTokenSigner(): TokenSigner {
  let made: { privateKey: KeyObject; publicKey: KeyObject } | undefined
  const keys = () => {
    if (made === undefined) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      made = { privateKey, publicKey: createPublicKey(privateKey) }
    }
    return made
  }
  return {
    sign(claims) {
      const text = [{ alg: 'ES256', typ: 'JWT' }, claims].map(encoded).join('.')
      const key = { key: keys().privateKey, dsaEncoding } as const
      return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
    },
    verify(token) {
      const parts = token.split('.')
      const [header = '', payload = '', signature = ''] = parts
      if (parts.length !== 3 || decoded(header)?.['alg'] !== 'ES256') return undefined
      const key = { key: keys().publicKey, dsaEncoding } as const
      const text = Buffer.from(`${header}.${payload}`)
      const isOurs = verify('sha256', text, key, Buffer.from(signature, 'base64url'))
      return isOurs ? decoded(payload) : undefined
    },
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function decoded(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}
