// Percent-encoding, as people get it wrong.

/** What the text stands for, as in a URL; what is no percent-encoding stands for itself. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
