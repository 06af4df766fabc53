// Finds many texts in another one, in a time that grows with the length of that and hardly with how many there are.
// Every needle is cut into blocks of 64, 32, 16, … characters, which make a tree: at each place of the haystack it takes a few
// look-ups to know whether a needle begins there, also where twenty thousand begin alike.

type Node = {
  // Absent where nothing goes on from here, which is so for nearly all of them.
  next?: Map<string, Node>
  // The lengths of blocks there are, as bits.
  sizes: number
  // How often a needle that ends here was added.
  ends: number
}

type OnFound = (from: number, to: number) => void
// Of a piece in lower case, as piecesOf() makes them.
type IsWanted = (piece: string) => boolean

// A longer needle is looked for piece by piece, so that a part of it is found, too.
const longestPiece = 256
const longestBlock = 64
const headLength = 4

/** A set of texts of four characters and more. Case does not matter; a haystack is to be in lower case. */
export class Needles {
  readonly #root = newNode()
  // How many needles begin with these four characters: most places of a haystack are done with after one look-up.
  readonly #heads = new Map<number, number>()

  get isEmpty(): boolean {
    return this.#heads.size === 0
  }

  add(needle: string): void {
    for (const piece of piecesOf(needle)) this.#count(piece, 1)
  }

  /** Takes out what add() has put in. */
  remove(needle: string): void {
    for (const piece of piecesOf(needle)) this.#count(piece, -1)
  }

  /** Calls back for the longest wanted needle at each place, from left to right, none over another. */
  find(haystack: string, onFound: OnFound, isWanted: IsWanted = () => true): void {
    let head = 0
    let next = 0
    for (let at = 0; at + headLength <= haystack.length; at++) {
      for (; next < at + headLength; next++) head = shift(head, haystack, next)
      if (!this.#heads.has(head)) continue
      const end = longestEnd(this.#root, { haystack, start: at, at, isWanted })
      if (end < 0) continue
      onFound(at, end)
      at = end - 1
    }
  }

  #count(piece: string, change: 1 | -1): void {
    let head = 0
    for (let at = 0; at < headLength; at++) head = shift(head, piece, at)
    const heads = (this.#heads.get(head) ?? 0) + change
    if (heads > 0) this.#heads.set(head, heads)
    else this.#heads.delete(head)
    if (change > 0) this.#insert(piece)
    else this.#delete(piece)
  }

  #insert(piece: string): void {
    let node = this.#root
    for (const block of blocksOf(piece)) {
      node.sizes |= block.length
      const below = (node.next ??= new Map<string, Node>())
      let next = below.get(block)
      if (next === undefined) below.set(block, (next = newNode()))
      node = next
    }
    node.ends++
  }

  #delete(piece: string): void {
    const path: { below: Map<string, Node>; block: string; child: Node }[] = []
    let node: Node = this.#root
    for (const block of blocksOf(piece)) {
      const child = node.next?.get(block)
      if (node.next === undefined || child === undefined) return
      path.push({ below: node.next, block, child })
      node = child
    }
    node.ends--
    for (const { below, block, child } of path.reverse()) {
      if (child.ends > 0 || (child.next?.size ?? 0) > 0) return
      below.delete(block)
    }
  }
}

// Seven bits of each of the last four characters, which is a small integer.
function shift(head: number, text: string, at: number): number {
  return ((head << 7) & 0xfffffff) | (text.charCodeAt(at) & 0x7f)
}

function newNode(): Node {
  return { sizes: 0, ends: 0 }
}

type Search = { haystack: string; start: number; at: number; isWanted: IsWanted }

// Where the longest needle ends that has come to this node; -1 when none does.
function longestEnd(node: Node, search: Search): number {
  const { haystack, start, at, isWanted } = search
  let longest = -1
  for (let size = longestBlock; size > 0; size >>= 1) {
    if ((node.sizes & size) === 0 || at + size > haystack.length) continue
    const child = node.next?.get(haystack.slice(at, at + size))
    if (child === undefined) continue
    const end = at + size
    const deeper = child.next === undefined ? -1 : longestEnd(child, { ...search, at: end })
    const isEnd = child.ends > 0 && end > longest && isWanted(haystack.slice(start, end))
    longest = Math.max(longest, deeper, isEnd ? end : -1)
  }
  return longest
}

function blocksOf(piece: string): string[] {
  const blocks: string[] = []
  let at = 0
  for (let size = longestBlock; size > 0;) {
    if (piece.length - at < size) size >>= 1
    else {
      blocks.push(piece.slice(at, at + size))
      at += size
    }
  }
  return blocks
}

/** What is looked for on behalf of a needle. The last piece overlaps the one before it, so that none is too short. */
export function piecesOf(needle: string): string[] {
  const text = needle.toLowerCase()
  if (text.length <= longestPiece) return text.length < headLength ? [] : [text]
  const count = Math.ceil(text.length / longestPiece)
  return Array.from({ length: count }, (_, index) => {
    const from = Math.min(index * longestPiece, text.length - longestPiece)
    return text.slice(from, from + longestPiece)
  })
}
