// What a pass has fetched stays on the disk until the pass is over, however much others need the room.
import type { Lease } from '../model/ports.ts'

/** Calls use() with a lease that ends with it. */
export async function withLease<T>(use: (lease: Lease) => Promise<T>): Promise<T> {
  const releases: (() => void)[] = []
  try {
    return await use({ onEnd: (release) => void releases.push(release) })
  } finally {
    releases.forEach((release) => release())
  }
}
