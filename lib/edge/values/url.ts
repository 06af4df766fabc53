// Documents of values on web servers. Servers that can tell are asked whether there is anything new, and nothing of a
// document is kept but its digest: it may be full of secrets.
import { digestText } from '../../util/digest.ts'
import { readBody, showUrl, type HttpClient, type HttpResponse } from '../http.ts'
import { createMemo } from '../source/memo.ts'
import { maxDocumentBytes, missing, type Found } from './found.ts'

// What the server called the version that we know by its digest.
type Label = { version: string; headers: Readonly<Record<string, string>> }
export type ReadUrl = (
  url: string,
  options: { unless?: string; signal: AbortSignal },
) => Promise<Found | 'unchanged'>

// A pass waits for it, and there are only so many passes at once.
const timeoutMs = 15_000
const maxLabels = 2_000

/** A reader of http and https URLs. Rejects only when the signal is aborted. */
export function createUrlReader(http: HttpClient): ReadUrl {
  const labels = createMemo<Label>(maxLabels)
  return async (url, { unless, signal }) => {
    const what = `"${showUrl(url)}"`
    if (!URL.canParse(url)) return missing(`${what} is no URL`)
    const { protocol } = new URL(url)
    if (!/^https?:$/.test(protocol))
      return missing(`a URL that begins with "${protocol}" is neither http nor https`)
    const known = labels.get(url)
    const headers = known !== undefined && known.version === unless ? known.headers : {}
    const limits = { maxBytes: maxDocumentBytes, timeoutMs, compressed: true }
    try {
      const response = await http.get(url, { ...limits, headers, signal })
      if (response.status === 304 && known !== undefined) return 'unchanged'
      if (response.status !== 200) return missing(`${what} answers ${response.status}`)
      const bytes = await readBody(response)
      const version = digestText(bytes)
      labels.set(url, { version, headers: conditionsOf(response) })
      return { version, bytes }
    } catch (cause) {
      signal.throwIfAborted()
      return missing(`${what}: ${cause instanceof Error ? cause.message : 'no answer'}`, { cause })
    }
  }
}

function conditionsOf({ headers }: HttpResponse): Label['headers'] {
  const { etag, 'last-modified': lastModified } = headers
  return {
    ...(typeof etag === 'string' ? { 'if-none-match': etag } : {}),
    ...(typeof lastModified === 'string' ? { 'if-modified-since': lastModified } : {}),
  }
}
