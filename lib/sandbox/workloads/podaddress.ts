// Which address does each pod have? One of 10.244.0.0/16, handed out one after the other, as a node's network does it.

export interface PodAddresses {
  // The pod's address: the one that it is known by already, else the next free one.
  of(uid: string, known?: string): string
  free(uid: string): void
}

// 0 is the network, 1 the bridge on the node, the last one reaches everybody.
const first = 2
const last = 65_534

export function createPodAddresses(): PodAddresses {
  const byPod = new Map<string, string>()
  const used = new Set<string>()
  let next = first
  const nextFree = (): string => {
    for (;;) {
      const address = `10.244.${next >> 8}.${next & 255}`
      next = next === last ? first : next + 1
      // With no address left, two pods share one: nothing is ever sent there.
      if (!used.has(address) || used.size > last - first) return address
    }
  }
  return {
    of(uid, known) {
      const address = byPod.get(uid) ?? known ?? nextFree()
      byPod.set(uid, address)
      used.add(address)
      return address
    },
    free(uid) {
      const address = byPod.get(uid)
      byPod.delete(uid)
      if (address !== undefined) used.delete(address)
    },
  }
}
