// Whose turn is it? Urgent keys go before patient ones, and within each, groups take turns: a crowd of one group delays a key
// of another by one turn, however long the crowd is.

/** What others wait for, what somebody asks for at this moment, what is to be done for the first time, and what can wait. */
export type Urgency = 'granted' | 'asked' | 'first' | 'later'
const urgencies: readonly Urgency[] = ['granted', 'asked', 'first', 'later']
/** What a key waits as. */
export type Waiting = { group: string; urgency: Urgency }

// One turn in ten goes to less urgent keys while others wait, so that a stream of these does not stop everything else: to those
// in the middle and the last ones alternately.
const turnsPerOther = 10

type Lane = Map<string, Set<string>>

export class FairQueue {
  readonly #entries = new Map<string, Waiting>()
  // Groups in the order of their turns, each with its keys in the order they came.
  readonly #lanes: Record<Urgency, Lane> = {
    granted: new Map(),
    asked: new Map(),
    first: new Map(),
    later: new Map(),
  }
  #turns = 0

  get length(): number {
    return this.#entries.size
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Lets a key wait. One that waits already keeps its turn, unless it becomes more urgent. */
  add(key: string, waiting: Waiting): void {
    const before = this.#entries.get(key)
    if (before && !isMoreUrgent(waiting.urgency, before.urgency)) return
    this.delete(key)
    this.#entries.set(key, waiting)
    const lane = this.#lanes[waiting.urgency]
    lane.set(waiting.group, (lane.get(waiting.group) ?? new Set()).add(key))
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    const lane = this.#lanes[entry.urgency]
    const keys = lane.get(entry.group)
    keys?.delete(key)
    if (keys?.size === 0) lane.delete(entry.group)
  }

  /** How many keys go before this one, if none is added. */
  before(key: string): number {
    const { urgency, group } = this.#entries.get(key) ?? {}
    if (urgency === undefined || group === undefined) return 0
    let before = 0
    for (const other of urgencies)
      if (isMoreUrgent(other, urgency))
        for (const keys of this.#lanes[other].values()) before += keys.size
    const lane = this.#lanes[urgency]
    const turn = [...(lane.get(group) ?? [])].indexOf(key)
    let isEarlier = true
    for (const [name, keys] of lane) {
      if (name === group) isEarlier = false
      before += name === group ? turn : Math.min(keys.size, turn + (isEarlier ? 1 : 0))
    }
    return before
  }

  /** Takes out the key whose turn it is among those that may go; undefined when there is none. */
  take(may: (waiting: Waiting) => boolean = () => true): (Waiting & { key: string }) | undefined {
    for (const urgency of orderOf(this.#turns + 1)) {
      const taken = this.#takeFrom(urgency, may)
      if (taken === undefined) continue
      this.#turns += 1
      return taken
    }
    return undefined
  }

  #takeFrom(
    urgency: Urgency,
    may: (waiting: Waiting) => boolean,
  ): (Waiting & { key: string }) | undefined {
    const lane = this.#lanes[urgency]
    for (const [group, keys] of lane) {
      if (!may({ group, urgency })) continue
      const [key] = keys
      if (key === undefined) continue
      this.delete(key)
      // To the end of the line, if it has more.
      if (lane.delete(group) && keys.size > 0) lane.set(group, keys)
      return { key, group, urgency }
    }
    return undefined
  }
}

/** Does the one go before the other? */
export function isMoreUrgent(one: Urgency, other: Urgency): boolean {
  return urgencies.indexOf(one) < urgencies.indexOf(other)
}

function orderOf(turn: number): readonly Urgency[] {
  if (turn % turnsPerOther !== 0) return urgencies
  return turn % (2 * turnsPerOther) === 0
    ? ['granted', 'later', 'first', 'asked']
    : ['granted', 'first', 'later', 'asked']
}
