// What a pass leaves behind when a release is not ready yet: a watch on its objects, and the time of the next look.
import { formatKey } from '../model/key.ts'
import type { ReleaseState } from '../model/observed.ts'
import type { HelmRelease } from '../model/release.ts'
import { snapshotOf } from '../plan/compare.ts'
import { progressMessage } from '../plan/waiting.ts'
import type { LoopDeps } from './deps.ts'
import { findTargets, readProgress } from './progress.ts'

type Awaited = ReleaseState & { kind: 'rollingOut' }

// What is in the way of pods does not show on the objects of the release; a few looks, ever further apart, find it.
const firstLookMs = 10_000

/** Has the key woken as soon as its objects are ready or beyond hope, or there is something new to say. */
export async function awaitRollout(
  deps: LoopDeps,
  { desired, state }: { desired: HelmRelease; state: Awaited },
): Promise<void> {
  const { release, progress } = state
  const redact = deps.secrets.redactFor(formatKey(desired.key))
  const { told } = desired.memory
  const isSaid = told?.message === progressMessage(desired, progress)
  deps.rollouts.follow(formatKey(desired.key), {
    identity: desired.identity,
    targets: await findTargets(deps, desired, release),
    look: async () => {
      const rollout = await readProgress(deps, desired, release)
      return { ...rollout, why: redact(rollout.why) }
    },
    said: isSaid ? progress.why : '',
    saidAt: told?.at ?? 0,
  })
}

/** Was something said about the progress so short a time ago that more must wait? */
export function isTooSoon(
  { clock, reportIntervalMs }: Pick<LoopDeps, 'clock' | 'reportIntervalMs'>,
  { memory: { told } }: HelmRelease,
): boolean {
  return told?.isProgress === true && clock.now() - told.at < reportIntervalMs
}

/** Milliseconds until the next look if nothing changes before. */
export function requeueFor(deps: LoopDeps, desired: HelmRelease, state: Awaited): number {
  const now = deps.clock.now()
  const begun = Date.parse(snapshotOf(desired, state.release)?.deployedAt ?? '') || now
  const look = Math.max(firstLookMs, now - begun)
  return Math.max(0, Math.min(state.until - now, look, deps.syncIntervalMs))
}
