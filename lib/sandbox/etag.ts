// Documents that change rarely are sent with their digest, and not sent again to whoever has them.
import { createHash } from 'node:crypto'

/** A JSON answer with an ETag; 304 without a body when the client names that tag. */
export function respondTagged(
  request: Request,
  document: unknown,
  type = 'application/json',
): Response {
  return respondText(request, JSON.stringify(document), type)
}

/** The same for a document that is written already. */
export function respondText(request: Request, text: string, type: string): Response {
  const tag = `"${digestOf(text)}"`
  const headers = {
    'content-type': type,
    etag: tag,
    vary: 'Accept',
    'cache-control': 'public',
  }
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((one) => one.trim())
  if (known.includes(tag)) return new Response(null, { status: 304, headers })
  return new Response(text, { headers })
}

export function digestOf(text: string): string {
  return createHash('sha512').update(text).digest('hex').toUpperCase()
}
