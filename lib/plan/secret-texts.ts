// Which texts of a document that came from a Secret are secret? People keep whole values files there, of which most is not: what
// stands under a name such as "password" is, whatever it looks like; of the rest, what no person would say.
import { Buffer } from 'node:buffer'
import type { Json } from '../model/json.ts'

// Names of values that are secret, or of maps of such values.
const secretName =
  /pass(?:word|wd|phrase|code)|pwd|secret|token|credential|(?:api|access|private|account|encryption|signing|master|shared|ssh|license)[-_.]?keys?$|^auth$|basic[-_]?auth|dockerconfig|\bdsn\b|connection[-_]?string|webhook/i
// Names of what says something about a secret: how it is called, where it is, whether there is one.
const aboutSecret =
  /^existing|^enabled?$|(?:name|names|ref|refs|enabled?|create|path|paths|mount|file|dir|type|kind|class|mode|policy|provider|version|expiry|expiration|ttl|length|size|format|annotations|labels|namespace|host|hostname|port|user|username|email|domain)$/i
// Lines of a text that is one secret, and no file.
const longestSecret = 4
// Words of every other sentence.
const ordinary = /^\s*(?:true|false|null|none|default|yes|no|on|off)?\s*$/i

/** Every text in a document that a message must not quote: as it stands, and as a template would decode it. */
export function secretTexts(document: Json): string[] {
  return [...new Set(collect(document, false))]
}

// `isNamed`: does the name of this value, or of a map around it, say that it is secret?
function collect(value: Json, isNamed: boolean): string[] {
  if (typeof value === 'string') return textsOf(value, isNamed)
  if (typeof value === 'number') return numbersOf(value, isNamed)
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item) => collect(item, isNamed))
  return Object.entries(value).flatMap(([name, member]) =>
    collect(member, !aboutSecret.test(name) && (isNamed || secretName.test(name))),
  )
}

// Shorter numbers are ports and counts, and would be missing from every message. As templates print large ones, too.
function numbersOf(value: number, isNamed: boolean): string[] {
  const text = String(value)
  return text.length >= (isNamed ? 4 : 6) ? [text, value.toExponential()] : []
}

function textsOf(text: string, isNamed: boolean): string[] {
  if (ordinary.test(text)) return []
  const plain = decode(text)
  const also = plain === undefined ? [] : [plain]
  if (isNamed) return [text, ...also]
  return [...secretParts(text), ...(plain !== undefined && looksSecret(text) ? also : [])]
}

// A text of one word is judged as a whole, of a sentence or a file each word by itself.
function secretParts(text: string): string[] {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return [text]
  const whole = text.trim()
  if (!/\s/.test(whole))
    return looksSecret(whole.replace(/^[<>=~^!]+(?=v?\d)/, '')) ? [whole, ...assigned(whole)] : []
  const words = whole.split(/[\s"'`,;()<>{}[\]|=]+/)
  const secret = [...words.filter(looksSecret), ...assigned(text)]
  // Of a few lines with a secret in them the others are likely to be secret, too; of a file they are not.
  const isFile = whole.split('\n').length > longestSecret
  return secret.length === 0 || isFile ? secret : [whole, ...secret]
}

// "password: x" and "password=x" in a text that holds a file of its own. A name is read from its beginning only: else a word of a
// megabyte would be gone through from each of its characters.
function assigned(text: string): string[] {
  return [
    ...text.matchAll(/(?<![\w.-])([\w.-]+)["']?[ \t]*[:=][ \t]*("[^"\n]*"|'[^'\n]*'|\S+)/g),
  ].flatMap(([, name = '', value = '']) => {
    const bare = value.replace(/^["']|["',;]*$/g, '')
    const isNamed = secretName.test(name) && !aboutSecret.test(name)
    return isNamed && !ordinary.test(bare) ? [bare] : []
  })
}

// Words, names, paths, addresses, quantities, versions and dates consist of parts that are words or numbers.
function looksSecret(word: string): boolean {
  if (word.length < 8) return false
  if (/:\/\/[^\s/@]+@/.test(word)) return true
  if (/[^\w./:@?&+~#%*=$-]/.test(word) || /[A-Za-z0-9][#$%*][A-Za-z0-9]/.test(word)) return true
  return word.split(/[^A-Za-z0-9]+/).some((part) => !isOrdinaryPart(part))
}

// "cluster", "ClusterIP", "podinfo", "v2", "500m", "64Gi", "k8s", "20240131T"; not "5f1e2d3c", "7Tq" nor "aGVsbG8x".
function isOrdinaryPart(part: string): boolean {
  const isMixed = /\d/.test(part) && /[a-z]/.test(part) && /[A-Z]/.test(part)
  if (isMixed && !/^\d+[KMGTPE]i?B?$/.test(part)) return false
  if (part.length < 8) return true
  if (/^\d+$/.test(part)) return part.length < 12
  if (/^[A-Za-z]*\d{0,4}[A-Za-z]{0,3}$/.test(part)) return isSpoken(part.replace(/\d.*$/, ''))
  return /^\d+[A-Za-z]{1,3}\d*[A-Za-z]?$/.test(part)
}

// Letters only: in one case, or in words that begin with a capital. Random ones change their case more often than that.
function isSpoken(letters: string): boolean {
  if (/^[a-z]*$|^[A-Z]*$/.test(letters)) return letters.length <= 24
  const humps = letters.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []
  return humps.length * 3 <= letters.length
}

function decode(text: string): string | undefined {
  const packed = text.replace(/\s/g, '')
  if (packed.length < 8 || packed.length % 4 !== 0 || !/^[\w+/-]+=*$/.test(packed)) return undefined
  const plain = Buffer.from(packed, 'base64').toString()
  return /^[^\u0000-\u0008\ufffd]+$/.test(plain) ? plain : undefined
}
