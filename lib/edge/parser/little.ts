// Is a text so little that reading it in line holds nobody up? A thread costs a tenth of a second to start.

const maxBytes = 4_096
// Each of them may be a node of its own, and a line may have to be read again with those before it: 50 ms at the very most.
const maxMarks = 500
// A page of a thousand tags has half of it.
const maxJsonBytes = 65_536

/** Both in bytes and in what may be marks of YAML or JSON. */
export function isLittle(text: Uint8Array): boolean {
  if (text.length > maxBytes) return false
  let marks = 0
  for (const byte of text) if (isMark[byte]) marks++
  return marks <= maxMarks
}

/** Is it so little that JSON.parse() is done with it in a millisecond? Of JSON, work is in proportion to the length alone. */
export function isLittleJson(text: Uint8Array): boolean {
  return text.length <= maxJsonBytes
}

const isMark: readonly boolean[] = Array.from({ length: 256 }, (_, byte) =>
  '\n,:-[]{}?!&*|>#"\''.includes(String.fromCharCode(byte)),
)
