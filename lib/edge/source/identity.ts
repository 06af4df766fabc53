// Is this text a private key that ssh can use without asking anybody? ssh itself only says that the host refuses us.
import { Buffer } from 'node:buffer'

// What OpenSSH's own format begins with; the name of the cipher follows, behind its length.
const magic = 'openssh-key-v1\0'

/** What is wrong with a key, as in "the key ...": undefined if nothing is. */
export function explainKey(text: string): string | undefined {
  const [, kind, body = ''] =
    /-----BEGIN ([A-Z ]*)PRIVATE KEY-----([\s\S]*)-----END [A-Z ]*PRIVATE KEY-----/.exec(text) ?? []
  if (kind === undefined) return 'is no private key'
  const isLocked = kind.startsWith('OPENSSH')
    ? !Buffer.from(body, 'base64')
        .subarray(magic.length + 4)
        .toString('latin1')
        .startsWith('none')
    : /ENCRYPTED/.test(kind + body)
  return isLocked ? 'wants a passphrase, which nobody can enter; take it off the key' : undefined
}
