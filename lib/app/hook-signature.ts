// Does the caller of the sync hook know its secret? In the ways of those who call: GitHub and Gitea sign the body, GitLab sends
// the secret itself, and everybody else may do either.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Incoming } from './server.ts'

// As much as GitHub sends at most. The body is hashed as it comes and never kept.
const maxBodyBytes = 25 * 1024 * 1024

/** Is the request signed with the secret? Throws when its body is too large, or is cut off. */
export async function isSigned(secret: string, { headers, body }: Incoming): Promise<boolean> {
  const { 'x-gitlab-token': token, authorization } = headers
  const [, bearer] = /^Bearer (.+)$/.exec(authorization?.toString() ?? '') ?? []
  if ([token, bearer].some((given) => typeof given === 'string' && isSame(given, secret)))
    return true
  const signatures = [headers['x-hub-signature-256'], headers['x-gitea-signature']]
  if (signatures.every((given) => given === undefined)) return false
  const hmac = createHmac('sha256', secret)
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error('the body is too large')
    hmac.update(chunk)
  }
  const digest = hmac.digest('hex')
  return signatures.some(
    (given) => typeof given === 'string' && isSame(given.replace(/^sha256=/, ''), digest),
  )
}

// Compares digests, so that neither the time nor the length tells anything.
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) =>
    createHmac('sha256', 'compare').update(text).digest(),
  )
  return timingSafeEqual(a!, b!)
}
