// Which version of an object is this, and is it the later one?

type Versioned = { metadata: { uid?: string; resourceVersion?: string } }

/** The identity and version of an object: equal only if nothing at all has changed. */
export function objectVersion({ metadata }: Versioned): string {
  return `${metadata.uid ?? ''}@${metadata.resourceVersion ?? ''}`
}

/** Are these two versions of the same object, and is the first one the later? Versions are comparable as numbers. */
export function isLaterVersion(one: string, other: string): boolean {
  const [uid, version = ''] = one.split('@')
  const [otherUid, otherVersion = ''] = other.split('@')
  if (uid !== otherUid || !/^\d+$/.test(version) || !/^\d+$/.test(otherVersion)) return false
  return BigInt(version) > BigInt(otherVersion)
}
