// Why is a release not ready? One sentence from what the cluster says about its pods, so that nobody has to go and look.
import type { KubeObject } from '../model/json.ts'
import { formatRef } from '../model/key.ts'
import { diagnosePod } from './diagnosepod.ts'
import { conditionOf, textAt, wordsOf } from './fields.ts'
import type { LiveObject } from './readiness.ts'

/** What was found around the objects that are not ready; more than belongs to them does no harm. */
export type Evidence = {
  replicaSets: readonly KubeObject[]
  pods: readonly KubeObject[]
  events: readonly KubeObject[]
}

// Schedulers and admission webhooks can go on for pages.
const longest = 400

/** One sentence that names the first thing that is in the way; undefined when nothing is known to be wrong. */
export function diagnose(
  unready: readonly LiveObject[],
  { replicaSets, pods, events }: Evidence,
): string | undefined {
  for (const { live } of unready) {
    if (live === undefined) continue
    const sets = newestOf(ownedBy(live, replicaSets))
    const owners = [live, ...sets]
    const own = live.kind === 'Pod' ? [live] : owners.flatMap((owner) => ownedBy(owner, pods))
    const found =
      refusalOf(owners, events) ??
      firstOf(own, (pod) => diagnosePod(pod, eventsOf(pod, events))) ??
      warningAbout(live, events)
    if (found !== undefined) return shorten(found)
  }
  return undefined
}

function ownedBy(owner: KubeObject, objects: readonly KubeObject[]): KubeObject[] {
  const { uid } = owner.metadata
  if (uid === undefined) return []
  return objects.filter(({ metadata }) => metadata.ownerReferences?.some((one) => one.uid === uid))
}

// Pods of the template before are on their way out, and their troubles with them.
function newestOf(sets: readonly KubeObject[]): KubeObject[] {
  const revisionOf = ({ metadata }: KubeObject): number =>
    Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
  const newest = Math.max(...sets.map(revisionOf))
  return sets.filter((set) => revisionOf(set) === newest)
}

function eventsOf(object: KubeObject, events: readonly KubeObject[]): KubeObject[] {
  const { uid } = object.metadata
  return events.filter(
    (event) => uid !== undefined && textAt(event, 'involvedObject', 'uid') === uid,
  )
}

// Quotas, admission webhooks, a missing service account: the pods do not even come to be.
function refusalOf(
  owners: readonly KubeObject[],
  events: readonly KubeObject[],
): string | undefined {
  return firstOf(owners, (owner) => {
    const failure = conditionOf(owner, 'ReplicaFailure')
    const event = latest(eventsOf(owner, events).filter(hasReason('FailedCreate')))
    const why =
      failure?.status === 'True' ? wordsOf(failure) : event && !hasPods(owner) && messageOf(event)
    return why ? `pods cannot be created: ${cleaned(why)}` : undefined
  })
}

// An event tells of the past: once every pod is there, an earlier refusal is of no interest.
function hasPods(owner: KubeObject): boolean {
  const { spec, status } = owner as { spec?: { replicas?: number }; status?: { replicas?: number } }
  return (status?.replicas ?? 0) >= (spec?.replicas ?? 1)
}

// A claim that cannot be provisioned, a load balancer that cannot be made: whoever tries says so in an event.
function warningAbout(live: KubeObject, events: readonly KubeObject[]): string | undefined {
  const event = latest(
    eventsOf(live, events)
      .filter((one) => textAt(one, 'type') === 'Warning' && messageOf(one))
      .filter((one) => !hasReason('FailedCreate')(one)),
  )
  return event && `${nameOf(live)}: ${cleaned(messageOf(event))}`
}

function nameOf({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): string {
  return formatRef({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) })
}

function hasReason(...reasons: readonly string[]): (event: KubeObject) => boolean {
  return (event) => reasons.includes(textAt(event, 'reason'))
}

function messageOf(event: KubeObject): string {
  return textAt(event, 'message')
}

function latest(events: readonly KubeObject[]): KubeObject | undefined {
  return events.reduce<KubeObject | undefined>(
    (last, event) => (last === undefined || timeOf(last) <= timeOf(event) ? event : last),
    undefined,
  )
}

// Which of them is set depends on who wrote the event.
function timeOf(event: KubeObject): string {
  return (
    textAt(event, 'series', 'lastObservedTime') ||
    textAt(event, 'lastTimestamp') ||
    textAt(event, 'eventTime') ||
    textAt(event, 'firstTimestamp')
  )
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined) {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

// "Error creating: pods "web-abc" is forbidden: …" repeats what the sentence says already.
function cleaned(message: string): string {
  return message.replace(/^Error creating: /, '')
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
