// Values as a text that both Helms read back as they were meant.
import type { JsonObject } from '../model/json.ts'

// JSON is YAML but for these: YAML allows them in no text, or ends a line at them. Half of a surrogate pair is no
// character in either.
const notInYaml = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g
const halfOfAPair = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g

/**
 * The values file for helm -f. It is JSON: Helm's YAML parser then has no chance to read "yes", "0o7" or "1_000" as
 * anything but a string.
 */
export function encodeValues(values: JsonObject): string {
  return JSON.stringify(values)
    .replace(halfOfAPair, '$1\\ufffd')
    .replace(notInYaml, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
