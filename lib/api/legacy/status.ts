// The status of a first-generation HelmRelease, between wire and model. Both groups share one shape.
import * as z from 'zod'
import type { JsonObject, KubeObject } from '../../model/json.ts'
import type { Attempt, Journal, Memory, Snapshot, Told } from '../../model/memory.ts'
import type { Said } from '../../model/report.ts'
import { canonicalJson } from '../../util/digest.ts'
import { isMap } from '../../util/merge.ts'
import { failureOf, showReport } from './report.ts'
import {
  type Condition,
  type ConditionType,
  type Phase,
  progressingReason,
  type Shown,
} from './shown.ts'

/** A whole status: what we wrote down, and what is shown. */
export type Status = Memory & Shown

// Objects rather than lists, so that the compiler misses a member that is missing.
const conditionTypes = {
  ChartFetched: 'ChartFetched',
  Deployed: 'Deployed',
  Released: 'Released',
  RolledBack: 'RolledBack',
  Tested: 'Tested',
  Ready: 'Ready',
} as const satisfies { [Type in ConditionType]: Type }

const phases = {
  ChartFetched: 'ChartFetched',
  ChartFetchFailed: 'ChartFetchFailed',
  Installing: 'Installing',
  Upgrading: 'Upgrading',
  Deployed: 'Deployed',
  DeployFailed: 'DeployFailed',
  Testing: 'Testing',
  TestFailed: 'TestFailed',
  Tested: 'Tested',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  RollingBack: 'RollingBack',
  RolledBack: 'RolledBack',
  RollbackFailed: 'RollbackFailed',
} as const satisfies { [Name in Phase]: Name }

// What a phase says is being done, or was done last.
const actionsOf: Partial<Record<Phase, Journal['action']>> = {
  Installing: 'install',
  Upgrading: 'upgrade',
  Deployed: 'upgrade',
  Testing: 'test',
  Tested: 'test',
  RollingBack: 'rollback',
  RollbackFailed: 'rollback',
}
const stagesOf: Partial<Record<Phase, Journal['stage']>> = {
  Deployed: 'succeeded',
  Tested: 'succeeded',
  RollbackFailed: 'failed',
}

const text = z.string().catch('')
const optionalText = z.string().optional().catch(undefined)
const count = z.int().catch(0)

const conditionSchema = z.object({
  type: z.enum(conditionTypes),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: text,
  message: text,
  lastUpdateTime: text,
  lastTransitionTime: text,
})

const snapshotSchema = z.object({
  revision: z.int(),
  uid: text,
  action: z.enum(['install', 'upgrade', 'rollback']),
  generation: count,
  chartVersion: text,
  chartDigest: text,
  valuesDigest: text,
  deployedAt: text,
  tested: z.enum(['passed', 'failed']).optional().catch(undefined),
  waitUntil: optionalText,
  replaced: z.int().optional().catch(undefined),
  adopted: z.boolean().optional().catch(undefined),
})

const prerequisiteSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: optionalText,
})

const attemptSchema = z.object({
  action: z.enum(['install', 'upgrade']),
  releaseName: z.string(),
  releaseNamespace: z.string(),
  uid: z.string(),
  begunAt: text,
  revision: z.int(),
  generation: count,
  chartDigest: text,
  valuesDigest: text,
  endedAt: optionalText,
  failedAt: optionalText,
  failures: z.int().optional().catch(undefined),
  retryAt: optionalText,
  waitsFor: z.array(prerequisiteSchema).optional().catch(undefined),
})

const journalSchema = z.object({
  action: z.enum(['install', 'upgrade', 'test', 'rollback']),
  revision: count,
  generation: count,
  stage: z.enum(['begun', 'applied', 'succeeded', 'failed']),
})

const statusSchema = z.object({
  observedGeneration: count,
  phase: z.enum(phases).optional().catch(undefined),
  releaseName: optionalText,
  releaseNamespace: optionalText,
  releaseStatus: optionalText,
  revision: optionalText,
  lastAttemptedRevision: optionalText,
  lastAttempt: attemptSchema.optional().catch(undefined),
  journal: journalSchema.optional().catch(undefined),
  rollbackCount: count,
  installFailures: count,
  conditions: z.array(z.unknown()).catch([]),
  history: z.array(z.unknown()).catch([]),
})

/** What a status says; whatever in it is not readable counts as absent. */
export function decodeStatus(wire: unknown): Status {
  const { conditions, history, lastAttempt, ...rest } = statusSchema.parse(isMap(wire) ? wire : {})
  return defined({
    ...rest,
    lastAttempt: lastAttempt && (defined(lastAttempt) as Attempt),
    conditions: conditions.flatMap((item) => readable(conditionSchema, item)) as Condition[],
    history: history.flatMap((item) => readable(snapshotSchema, item)) as Snapshot[],
  }) as Status
}

/** What we wrote down in the status, or what stands for it where another operator or CRD was at work. */
export function decodeMemory(wire: unknown): Memory {
  const status = decodeStatus(wire)
  const { phase: _, conditions, ...memory } = status
  const journal = memory.journal ?? journalOfPhase(status)
  const told = decodeTold(conditions)
  return {
    ...memory,
    ...(journal && { journal }),
    ...(isRolledBack(status) && { wasRolledBack: true }),
    ...(told && { told }),
  }
}

function decodeTold(conditions: readonly Condition[]): Told | undefined {
  const ready = conditions.find(({ type }) => type === 'Ready')
  if (ready === undefined) return undefined
  const { status, reason, message, lastUpdateTime } = ready
  const isProgress = status === 'Unknown' && reason === progressingReason
  const verdict = status === 'True' ? 'well' : status === 'False' ? 'failed' : 'open'
  return { verdict, message: failureOf(message), at: Date.parse(lastUpdateTime) || 0, isProgress }
}

// What fluxcd/helm-operator, a version of ours before there was a journal, and one under that operator's CRD left: the phase
// tells what was going on, and the reason of Ready whether helm was done with it.
function journalOfPhase(status: Status): Journal | undefined {
  const { phase, lastAttempt, history, conditions, observedGeneration } = status
  const action = phase && actionsOf[phase]
  if (action === undefined) return undefined
  const last = history[0]?.revision
  const made = action === 'rollback' ? last && last + 1 : lastAttempt?.revision
  const isWaiting = conditions.some(
    ({ type, reason }) => type === 'Ready' && reason === progressingReason,
  )
  return {
    action,
    revision: (action === 'test' ? last : made) ?? 0,
    generation: lastAttempt?.generation ?? observedGeneration,
    stage: (phase && stagesOf[phase]) ?? (isWaiting ? 'applied' : 'begun'),
  }
}

function isRolledBack({ conditions }: Status): boolean {
  return conditions.some(({ type, status }) => type === 'RolledBack' && status === 'True')
}

/**
 * The whole status after this was said, as it goes onto the wire, or undefined when that would tell nothing new. `accepted` are
 * the conditions that a CRD of fluxcd/helm-operator accepts: it refuses a whole status for one that it does not know.
 */
export function encodeStatus(
  { memory, reports }: Said,
  object: KubeObject,
  accepted?: readonly ConditionType[],
): JsonObject | undefined {
  const shown = reports.reduce(showReport, decodeStatus(object['status']))
  const { phase, conditions } = shown
  const whole = { ...memory, ...(phase && { phase }), conditions }
  return encodeWhole(accepted === undefined ? whole : reduceStatus(whole, accepted), object)
}

/**
 * A status as it goes onto the wire, or undefined when it says what stands there (a later lastUpdateTime alone is no news).
 * Fields and conditions that others put there stay. Send it as a replacement, not as a merge patch: what became zero or empty
 * is left out.
 */
export function encodeWhole(status: Status, object: KubeObject): JsonObject | undefined {
  const wire = isMap(object['status']) ? object['status'] : {}
  const encoded = {
    ...foreign(wire, Object.keys(statusSchema.shape)),
    ...compact({
      observedGeneration: status.observedGeneration,
      phase: status.phase,
      releaseName: status.releaseName,
      releaseNamespace: status.releaseNamespace,
      releaseStatus: status.releaseStatus,
      revision: status.revision,
      lastAttemptedRevision: status.lastAttemptedRevision,
      lastAttempt: status.lastAttempt && compact(status.lastAttempt),
      journal: status.journal && compact(status.journal),
      rollbackCount: status.rollbackCount,
      installFailures: status.installFailures,
      conditions: [...foreignConditions(wire), ...status.conditions.map(compact)],
      history: status.history.map(compact),
    }),
  }
  return meaning(encoded) === meaning(wire) ? undefined : (encoded as JsonObject)
}

function reduceStatus(status: Status, accepted: readonly ConditionType[]): Status {
  const conditions = status.conditions.filter(({ type }) => accepted.includes(type))
  const { releaseNamespace: _, lastAttempt: __, journal: ___, ...known } = status
  return { ...known, installFailures: 0, conditions, history: [] }
}

function readable<T>(schema: z.ZodType<T>, item: unknown): T[] {
  const parsed = schema.safeParse(item)
  return parsed.success ? [defined(parsed.data)] : []
}

function foreign(wire: object, ours: readonly string[]): object {
  return Object.fromEntries(Object.entries(wire).filter(([field]) => !ours.includes(field)))
}

function foreignConditions(wire: { [field: string]: unknown }): unknown[] {
  return conditionsOf(wire).filter(({ type }) => !Object.hasOwn(conditionTypes, String(type)))
}

function conditionsOf(status: { [field: string]: unknown }): { [field: string]: unknown }[] {
  return Array.isArray(status['conditions']) ? status['conditions'].filter(isMap) : []
}

// On the wire, nothing is said by leaving it out; an empty time would even be refused.
function compact(value: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, member]) =>
        member !== undefined &&
        member !== '' &&
        member !== 0 &&
        !(Array.isArray(member) && member.length === 0),
    ),
  )
}

function defined<T>(value: T): T {
  return Object.fromEntries(
    Object.entries(value as object).filter(([, member]) => member !== undefined),
  ) as T
}

function meaning(status: { [field: string]: unknown }): string {
  const conditions = conditionsOf(status).map(({ lastUpdateTime: _, ...condition }) => condition)
  return canonicalJson({ ...status, conditions })
}
