// What a revision says of itself when nobody let its helm finish.

// Read again: an attempt that ended like this was never judged, so it is tried again.
const unlockedMark = 'Interrupted:'

/** The description of a pending revision that is marked failed so that Helm accepts the next attempt. */
export function unlockedDescription(was: string): string {
  return `${unlockedMark} the helm process that left this revision ${was} ended before its work was done`
}

/** Was helm killed, or told to stop, before it could tell good from bad? Told to stop, it ends with these words of Go's. */
export function isInterrupted(description: string): boolean {
  return description.startsWith(unlockedMark) || description.trimEnd().endsWith('context canceled')
}
