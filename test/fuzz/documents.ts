// Texts that are nearly what a parser expects: documents put together of the marks of a format, and honest ones that were damaged.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'

const yamlWords = [
  ...[
    'a',
    'b:',
    ' c: d',
    '- ',
    '? ',
    ': ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '\n',
    '\n  ',
    '\n    ',
    '\t',
    '#',
    ' # x',
  ],
  ...[
    '"',
    "'",
    '\\',
    '|',
    '>',
    '|-\n  ',
    '>+2\n   ',
    '&a ',
    '*a',
    '<<: ',
    '!!int ',
    '!!binary ',
    '!x ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
  ],
  ...[
    '0x1F',
    '1e3',
    '.inf',
    '.nan',
    '~',
    'yes',
    '0777',
    '1_000',
    '__proto__: ',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\0',
    'ü',
    '\ud800',
  ],
]

/** YAML-like text. */
export const yamlText = fc
  .array(fc.constantFrom(...yamlWords), { maxLength: 80 })
  .map((words) => words.join(''))

/** JSON of any kind, at times of unusual depth. */
export const jsonText = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
)

/** Honest bytes with some of them changed, left out, doubled, or cut off. */
export function damaged(honest: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    remove: fc.integer({ min: 0, max: 40 }),
    insert: fc.uint8Array({ maxLength: 20 }),
  })
  return fc
    .tuple(fc.constantFrom(...honest), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([bytes, edits]) =>
      edits.reduce<Buffer>((text, { at, remove, insert }) => {
        const from = Math.floor(at * text.length)
        return Buffer.concat([text.subarray(0, from), insert, text.subarray(from + remove)])
      }, Buffer.from(bytes)),
    )
}
