// What a HelmRelease of helm.fluxcd.io/v1 or flux.weave.works/v1beta1 asks for, with all defaults filled in.
import type { KubeObject } from '../../model/json.ts'
import type { HelmRelease, RollbackPolicy, TestPolicy } from '../../model/release.ts'
import { isMap } from '../../util/merge.ts'
import { decodeChart, explainBothSources } from './chart.ts'
import { decodeIdentity } from './identity.ts'
import { readSpec, type LegacySpec } from './schema.ts'
import { decodeMemory } from './status.ts'
import { decodeInlineValues, decodeValuesFrom } from './values.ts'

/** What differs between the two groups although their specs read alike. */
export type Generation = {
  group: string
  version: string
  // The annotation that marks the objects of a release as those of one HelmRelease.
  antecedent: string
  // v1 resets unless told not to; v1beta1 did as Helm does: values of the last revision stay when none are given.
  keepsValuesWhenNoneGiven: boolean
}

type Problems = string[]

const validations = { None: 'none', Server: 'server' } as const

const defaultTimeout = 300
// Timers hold 31 bits of milliseconds; nothing waits for 24 days.
const longestTimeout = 2_147_483

/** Never throws for what is written in the spec: mistakes end up in `source` when they forbid to go on, else in `problems`. */
export function decodeHelmRelease(object: KubeObject, generation: Generation): HelmRelease {
  const { metadata } = object
  const { spec, mistakes } = readSpec(object['spec'])
  const namespace = metadata.namespace || 'default'
  const targetNamespace = spec.targetNamespace || namespace
  const problems: Problems = []
  const release: Omit<HelmRelease, 'problems'> = {
    key: { group: generation.group, namespace, name: metadata.name },
    apiVersion: `${generation.group}/${generation.version}`,
    uid: metadata.uid ?? '',
    generation: metadata.generation ?? 0,
    resourceVersion: metadata.resourceVersion ?? '',
    annotations: metadata.annotations ?? {},
    finalizers: metadata.finalizers ?? [],
    ...(metadata.deletionTimestamp && { deletionRequestedAt: metadata.deletionTimestamp }),
    owner: {
      annotation: generation.antecedent,
      id: `${namespace}:helmrelease/${metadata.name}`,
    },
    ...decodeIdentity(object['spec'], namespace),
    releaseName: spec.releaseName || defaultReleaseName(namespace, targetNamespace, metadata.name),
    targetNamespace,
    ...(spec.helmVersion && { helmVersion: spec.helmVersion }),
    source:
      mistakes.length > 0
        ? { kind: 'invalid', why: mistakes.join('; ') }
        : decodeChart(spec.chart, namespace),
    values: {
      inline: decodeInlineValues(spec.values),
      from: decodeValuesFrom(spec, namespace),
    },
    ...decodePolicies(spec, generation, problems),
    memory: decodeMemory(object['status']),
  }
  problems.push(...oddities(spec))
  return { ...release, problems }
}

function defaultReleaseName(namespace: string, targetNamespace: string, name: string): string {
  return namespace === targetNamespace
    ? `${namespace}-${name}`
    : `${namespace}-${targetNamespace}-${name}`
}

function decodePolicies(spec: LegacySpec, generation: Generation, problems: Problems) {
  const keepFailed = spec.install?.keepFailed === true
  const rollback = decodeRollback(spec.rollback, problems)
  const test = decodeTest(spec.test, problems)
  return {
    timeoutMs: toMs('spec.timeout', spec.timeout, problems),
    maxHistory: Math.max(0, spec.maxHistory ?? 10),
    wait: spec.wait ?? (rollback.enable || test.enable),
    resetValues: decodeResetValues(spec, generation),
    skipCrds: spec.skipCRDs === true,
    installMethod: spec.install?.serverSideApply ? ('server' as const) : ('client' as const),
    upgradeMethod: upgradeMethods[spec.upgrade?.serverSideApply ?? 'auto'],
    forceUpgrade: spec.forceUpgrade === true,
    disableOpenApiValidation: spec.disableOpenAPIValidation === true,
    ...(spec.validate ? { validate: validations[spec.validate] } : {}),
    onInstallFailure: keepFailed ? ('keep' as const) : ('purge' as const),
    // Trying again would overwrite what was kept to be looked at.
    maxInstallRetries: spec.install?.maxRetries ?? (keepFailed ? -1 : 0),
    rollback,
    test,
  }
}

// The words are those of Flux's HelmRelease.
const upgradeMethods = { enabled: 'server', disabled: 'client', auto: 'unchanged' } as const

function decodeRollback(rollback: LegacySpec['rollback'], problems: Problems): RollbackPolicy {
  return {
    enable: rollback?.enable === true,
    retry: rollback?.retry === true,
    maxRetries: rollback?.maxRetries ?? 5,
    force: rollback?.force === true,
    recreate: rollback?.recreate === true,
    disableHooks: rollback?.disableHooks === true,
    timeoutMs: toMs('spec.rollback.timeout', rollback?.timeout, problems),
    wait: rollback?.wait === true,
  }
}

function decodeTest(test: LegacySpec['test'], problems: Problems): TestPolicy {
  return {
    enable: test?.enable === true,
    ignoreFailures: test?.ignoreFailures === true,
    timeoutMs: toMs('spec.test.timeout', test?.timeout, problems),
    cleanup: test?.cleanup !== false,
  }
}

function decodeResetValues(spec: LegacySpec, { keepsValuesWhenNoneGiven }: Generation): boolean {
  if (!keepsValuesWhenNoneGiven) return spec.resetValues !== false
  const given =
    Object.keys(decodeInlineValues(spec.values)).length > 0 ||
    (spec.valuesFrom ?? []).length + (spec.valueFileSecrets ?? []).length > 0
  return spec.resetValues === true || given
}

function toMs(field: string, seconds: number | null | undefined, problems: Problems): number {
  if (seconds === null || seconds === undefined) return defaultTimeout * 1_000
  if (seconds > 0) return Math.min(seconds, longestTimeout) * 1_000
  problems.push(`${field} is ${seconds}, which nothing can meet: ${defaultTimeout} is used`)
  return defaultTimeout * 1_000
}

function oddities(spec: LegacySpec): string[] {
  const odd: string[] = []
  const both = explainBothSources(spec.chart)
  if (both !== undefined) odd.push(`spec.chart ${both}`)
  if (spec.values !== null && spec.values !== undefined && !isMap(spec.values))
    odd.push('spec.values is not a map: it counts as empty')
  if ((spec.maxHistory ?? 0) < 0)
    odd.push(`spec.maxHistory is ${spec.maxHistory}: every revision is kept`)
  for (const [index, source] of (spec.valuesFrom ?? []).entries()) {
    const set = Object.values(source).filter((member) => member)
    if (set.length === 0) odd.push(`spec.valuesFrom[${index}] names no source: it is skipped`)
    if (set.length > 1) odd.push(`spec.valuesFrom[${index}] names several sources: one is used`)
  }
  return odd
}
