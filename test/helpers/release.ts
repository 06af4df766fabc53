// HelmReleases, stored revisions and facts to decide about, each with just what a test cares for said out loud.
import type { Observed } from '../../lib/model/observed.ts'
import type { HelmRelease, HelmStatus, Release } from '../../lib/model/release.ts'
import type { Attempt, Journal, Memory, Snapshot } from '../../lib/model/memory.ts'
import { digestJson } from '../../lib/util/digest.ts'

export const noon = Date.parse('2026-01-01T12:00:00Z')

export function helmRelease(over: Partial<HelmRelease> = {}): HelmRelease {
  return {
    key: { group: 'helm.fluxcd.io', namespace: 'shop', name: 'web' },
    apiVersion: 'helm.fluxcd.io/v1',
    uid: 'hr-uid',
    generation: 1,
    resourceVersion: '1',
    annotations: {},
    finalizers: [],
    owner: { annotation: 'helm.fluxcd.io/antecedent', id: 'shop:helmrelease/web' },
    identity: undefined,
    releaseName: 'shop-web',
    targetNamespace: 'shop',
    source: { kind: 'repository', url: 'http://charts', name: 'web', version: '1.0.0' },
    values: { inline: {}, from: [] },
    timeoutMs: 300_000,
    maxHistory: 10,
    wait: false,
    resetValues: true,
    skipCrds: false,
    installMethod: 'client',
    upgradeMethod: 'unchanged',
    forceUpgrade: false,
    disableOpenApiValidation: false,
    onInstallFailure: 'purge',
    maxInstallRetries: 0,
    rollback: {
      enable: false,
      retry: false,
      maxRetries: 5,
      force: false,
      recreate: false,
      disableHooks: false,
      timeoutMs: 300_000,
      wait: false,
    },
    test: { enable: false, ignoreFailures: false, timeoutMs: 300_000, cleanup: true },
    memory: memory(),
    problems: [],
    ...over,
  }
}

export function memory(over: Partial<Memory> = {}): Memory {
  return { observedGeneration: 0, rollbackCount: 0, history: [], ...over }
}

/** A stored revision of chart web 1.0.0 without values. */
export function release(
  revision: number,
  status: HelmStatus,
  over: Partial<Release> = {},
): Release {
  return {
    name: 'shop-web',
    namespace: 'shop',
    revision,
    status,
    description: '',
    hookEvents: [],
    testHooks: [],
    chart: { name: 'web', version: '1.0.0', appVersion: '', values: {}, templates: {} },
    config: {},
    objects: [],
    deployedAt: '2026-01-01T11:59:00Z',
    secret: {
      name: `sh.helm.release.v1.shop-web.v${revision}`,
      uid: `uid-${revision}`,
      resourceVersion: '1',
    },
    ...over,
  }
}

/** What is observed when chart web 1.0.0 and no values are wanted. */
export function observed(history: Observed['history'], over: Partial<Observed> = {}): Observed {
  return {
    artifact: {
      revision: '1.0.0',
      digest: 'sha256:chart-1',
      path: '/charts/web-1.0.0.tgz',
      chart: { name: 'web', version: '1.0.0', appVersion: '', values: {}, templates: {} },
      hookEvents: [],
    },
    values: { content: {}, digest: digestJson({}), secrets: [] },
    history,
    now: noon,
    ...over,
  }
}

/** Our own record of a revision made of what observed() wants. */
export function snapshot(revision: number, over: Partial<Snapshot> = {}): Snapshot {
  return {
    revision,
    uid: `uid-${revision}`,
    action: 'upgrade',
    generation: 1,
    chartVersion: '1.0.0',
    chartDigest: 'sha256:chart-1',
    valuesDigest: digestJson({}),
    deployedAt: '2026-01-01T11:59:00Z',
    ...over,
  }
}

/** Our note of an attempt to make what observed() wants. */
export function attempt(over: Partial<Attempt> = {}): Attempt {
  return {
    ...({ action: 'upgrade', uid: 'hr-uid' } as const),
    ...{ releaseName: 'shop-web', releaseNamespace: 'shop' },
    begunAt: '2026-01-01T11:59:00.000Z',
    revision: 2,
    generation: 1,
    chartDigest: 'sha256:chart-1',
    valuesDigest: digestJson({}),
    ...over,
  }
}

/** Our note of a rollback that is about to make revision 3. */
export function journal(over: Partial<Journal> = {}): Journal {
  return { action: 'rollback', revision: 3, generation: 1, stage: 'begun', ...over }
}

/** What observed() takes to want another chart, and other values. */
export const otherChart = {
  artifact: { ...observed([]).artifact, revision: '2.0.0', digest: 'sha256:chart-2' },
}
export const otherValues = {
  values: { content: { a: 1 }, digest: digestJson({ a: 1 }), secrets: [] },
}
