// What a sandbox is known by and whom it believes: a certificate authority, its administrator's token, and the key that signs
// the tokens of service accounts.
import { randomBytes } from 'node:crypto'
import { createAuthority, type CertificateAuthority } from './certificate.ts'
import { createTokenSigner, type TokenSigner } from './jwt.ts'

export type Credentials = {
  adminToken: string
  signer: TokenSigner
  authority: CertificateAuthority
}

/** New ones, unlike those of any other sandbox. */
export function createCredentials({ now }: { now: number }): Credentials {
  return {
    adminToken: randomBytes(32).toString('base64url'),
    signer: createTokenSigner(),
    authority: createAuthority(now),
  }
}
