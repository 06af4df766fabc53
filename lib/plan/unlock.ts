// What a revision says of itself after we freed it from a helm that died.

// Read again by state.ts: an attempt that ended like this was never judged, so it is tried again.
export const unlockedMark = 'Interrupted:'

/** The description of a pending revision that is marked failed so that Helm accepts the next attempt. */
export function unlockedDescription(was: string): string {
  return `${unlockedMark} the helm process that left this revision ${was} ended before its work was done`
}
