// What the answers of a registry (OCI distribution API) say: tags, the archive that a manifest names, and tokens.
import { isMap } from '../util/merge.ts'

// By the OCI distribution specification.
const longestTag = 128
const archiveTypes = [
  'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  // Of Helm before 3.7.
  'application/tar+gzip',
]

/** The tags of one page; undefined when the text is no list of tags. */
export function readTags(text: string): string[] | undefined {
  const { tags } = parseObject(text)
  if (tags === null) return []
  if (!Array.isArray(tags)) return undefined
  return tags.filter((tag) => typeof tag === 'string' && tag.length <= longestTag)
}

/** The digest of the chart's archive; undefined when the manifest names none. */
export function readArchiveDigest(manifest: string): string | undefined {
  const { layers } = parseObject(manifest)
  const found: unknown = (Array.isArray(layers) ? layers : []).find(
    (layer: { mediaType?: unknown } | null) => archiveTypes.includes(String(layer?.mediaType)),
  )
  const { digest } = (found ?? {}) as { digest?: unknown }
  return typeof digest === 'string' ? digest : undefined
}

/** The token that a registry's authority hands out; undefined when there is none. */
export function readToken(text: string): string | undefined {
  const { token, access_token: other } = parseObject(text)
  const found = typeof token === 'string' ? token : other
  return typeof found === 'string' ? found : undefined
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : {}
  } catch {
    return {}
  }
}
