// A document of values as Helm would read it. Whatever is wrong with it, nothing of it is quoted: it may be a secret.
import type { JsonObject } from '../model/json.ts'
import { isMap } from '../util/merge.ts'
import { decodeText } from '../util/text.ts'
import { explainExtent } from '../util/extent.ts'
import { YamlTooLarge } from '../util/yaml-extent.ts'
import { parseYaml } from '../util/yaml.ts'

// Go's parser lets none of these in, wherever they stand.
const noYaml = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** The values in a document, of several the first; none when it is empty. Throws an Error that says why it is no values. */
export function decodeValues(document: string | Uint8Array): JsonObject {
  const text = typeof document === 'string' ? document : decodeText(document)
  if (text === undefined) throw new Error('it is binary, not text in UTF-8')
  const stray = noYaml.exec(text)
  if (stray !== null) {
    const line = text.slice(0, stray.index).split('\n').length
    throw new Error(`not valid YAML: line ${line} holds a control character`)
  }
  const value = parseJson(text) ?? readYaml(text)
  if (value === null) return {}
  const excess = explainExtent(value)
  if (excess !== undefined) throw new Error(`the document ${excess}`)
  if (!isMap(value)) throw new Error('the document is not a mapping of names to values')
  return value as JsonObject
}

function readYaml(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlTooLarge) throw new Error(`the document ${error.message}`)
    throw error
  }
}

// Every JSON is YAML, and a machine wrote it: reading it as such is a hundred times faster. Only numbers that are too large
// are texts to Go, and infinite here.
function parseJson(text: string): unknown {
  if (!/^\s*\{/.test(text) || /\de\+?\d{3}|\d{309}/i.test(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
