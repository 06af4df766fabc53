// How far the objects of a release are on their way to what was asked of them.

export type Readiness = { verdict: 'ready' | 'progressing' | 'failed'; why: string }

/** All objects of one revision taken together. */
export type Rollout = Readiness & {
  ready: number
  total: number
  // Such as "Deployment/shop/web", in manifest order.
  waitingFor: readonly string[]
  // What the cluster says is in the way, if anything is known.
  diagnosis?: string
}
