// What a sandbox believes: one token for its administrator, and the key that signs the tokens of service accounts.
import { randomBytes } from 'node:crypto'
import { createTokenSigner, type TokenSigner } from './jwt.ts'

export type Credentials = { adminToken: string; signer: TokenSigner }

/** New ones, unlike those of any other sandbox. */
export function createCredentials(): Credentials {
  return { adminToken: randomBytes(32).toString('base64url'), signer: createTokenSigner() }
}
