// What a program printed, as far as regular expressions are to look at it: the work of some grows with the square of a word, of
// a gap or of the whole, and a chart, a server or whoever names an object may have chosen those.

const longestHead = 6_144
const longestTail = 2_048
const longestWord = 512
const longestGap = 16

/**
 * The beginning and the end of a text, with words and gaps of bearable length. Secrets must have been taken out before: a part
 * of one is not found any more.
 */
export function condense(text: string): string {
  const isShort = text.length <= longestHead + longestTail
  const whole = isShort ? text : `${text.slice(0, longestHead)} … ${text.slice(-longestTail)}`
  return whole
    .replace(/\S+/g, (word) => (word.length <= longestWord ? word : shorten(word)))
    .replace(/\s+/g, (gap) => (gap.length <= longestGap ? gap : gap.includes('\n') ? '\n' : ' '))
}

function shorten(word: string): string {
  const half = longestWord / 2
  return `${word.slice(0, half)}…${word.slice(1 - half)}`
}
