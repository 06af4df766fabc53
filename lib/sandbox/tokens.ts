// Tokens of service accounts: shaped as real ones, so that clients can read when they end; nobody asks for them here.
import { Buffer } from 'node:buffer'
import type { Obj } from './types.ts'
import { newUid, timestamp, type World } from './world.ts'

const hour = 3600

/** The TokenRequest with a token in its status. */
export function issueToken(world: World, account: Obj, request: Obj): Obj {
  const spec = (request['spec'] ?? {}) as { expirationSeconds?: number; audiences?: string[] }
  const seconds = spec.expirationSeconds ?? hour
  const audiences = spec.audiences?.length ? spec.audiences : ['https://kubernetes.default.svc']
  const now = Math.floor(world.clock.now() / 1000)
  const { namespace, name } = account.metadata
  const claims = {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    jti: newUid(world.random),
    iss: 'https://kubernetes.default.svc',
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
  return {
    ...request,
    metadata: { ...request.metadata, name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: {
      token: [{ alg: 'none', typ: 'JWT' }, claims].map(encoded).join('.') + '.sandbox',
      expirationTimestamp: timestamp(world, seconds * 1000),
    },
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
