// What is to be told of a HelmRelease, in terms of no API: the codec of its generation makes phases or conditions of it.
import type { Journal, Memory } from './memory.ts'

/** What is to be remembered from now on, and what is to be told, in this order. */
export type Said = { memory: Memory; reports: readonly Report[] }

// now is in milliseconds since the epoch.
export type Report = { now: number } & (
  | { what: 'retargeted' }
  // isNew: another chart than the one that was tried last.
  | { what: 'fetched'; isNew: boolean; message: string }
  | { what: 'begun'; action: Journal['action']; message: string }
  // isIgnored: it failed, and the spec says to go on all the same.
  | { what: 'ended'; action: Journal['action']; ok: boolean; isIgnored: boolean; message: string }
  // The objects of a revision are waited for.
  | { what: 'progress'; message: string }
  // The HelmRelease has to wait for its turn: "one of the places for helm, …".
  | { what: 'queued'; waitsFor: string }
  // Another helm is at work on the release.
  | { what: 'locked'; message: string }
  | { what: 'succeeded'; message: string }
  // The release has failed, and not by an attempt of ours.
  | { what: 'stuck'; message: string }
  // Nothing was done about a failure that was told before.
  | { what: 'unchanged' }
  // An error ended the pass. ofChart: the chart could not be had.
  | { what: 'stopped'; ofChart: boolean; message: string }
)
