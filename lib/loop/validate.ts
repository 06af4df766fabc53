// Shows the API server every object that helm is about to write, so that what it refuses costs no revision and no rollback.
import pLimit from 'p-limit'
import { judgeAnswer, type Judgement } from '../helm/refusal.ts'
import { upgradePatch } from '../helm/three-way.ts'
import { ApiError, type ErrorCode, ReconcileError } from '../model/errors.ts'
import type { JsonObject, KubeObject } from '../model/json.ts'
import { formatKey } from '../model/key.ts'
import type { DryRun, HelmDriver, ResourceType } from '../model/ports.ts'
import type { Rendered, RenderedObject } from '../model/rendered.ts'
import type { ApplyMethod, HelmRelease, History } from '../model/release.ts'
import { releaseLog } from './account.ts'
import type { Deps } from './deps.ts'

// Requests at once; they share one connection pool with everything else.
const parallel = 8
// As many as fit into a sentence.
const mostNamed = 3

type Call = Parameters<HelmDriver['render']>[0]
type Verdict = Judgement & { object: KubeObject; error?: ApiError }
type Situation = {
  call: Call
  rendered: Rendered
  // What the objects of the release were made from before.
  before: ReadonlyMap<string, KubeObject>
  method: ApplyMethod
  brings: (what: string, name: string) => boolean
}

/** Throws ReconcileError for the first objects that are refused; says in an event what could not be judged. */
export async function validate(
  deps: Deps,
  helm: HelmDriver,
  call: Call,
  history: History,
): Promise<void> {
  const rendered = await helm.render(call)
  const situation: Situation = {
    ...{ call, rendered },
    before: await readBefore(deps, history, call),
    // Only Helm 4 knows another one.
    method: helm.major === 3 ? 'client' : (call.applyMethod ?? 'client'),
    brings: await findBrought(deps, rendered),
  }
  const verdicts = await checkAll(deps, situation)
  const notes = [
    ...rendered.notes,
    ...verdicts.flatMap((one) =>
      one.kind === 'unknown' ? [`${nameOf(one.object)} (${one.why})`] : [],
    ),
  ]
  await recordNotes(deps, call.release, notes)
  const fields = { objects: rendered.objects.length, unknown: notes.length }
  refuse(call, verdicts)
  releaseLog(deps, call.release, helm).info('validated by the API server', fields)
}

async function checkAll(deps: Deps, situation: Situation): Promise<Verdict[]> {
  const { rendered, call } = situation
  const until = deps.clock.now() + call.timeoutMs
  const limit = pLimit(parallel)
  try {
    return await Promise.all(
      rendered.objects.map((one) =>
        limit(() => {
          if (deps.clock.now() > until) throw tooSlow(call)
          return check(deps, one, situation)
        }),
      ),
    )
  } finally {
    limit.clearQueue()
  }
}

async function check(
  deps: Deps,
  { object, part }: RenderedObject,
  situation: Situation,
): Promise<Verdict> {
  const { signal } = situation.call
  signal.throwIfAborted()
  // Helm installs them before anything else, and leaves alone those that are there.
  if (part === 'crds') return { kind: 'accepted', object }
  const { apiVersion, kind } = object
  const type = await deps.cluster.resourceFor(apiVersion, kind)
  // Helm has asked for the kinds of the manifest by itself.
  if (type === undefined) return { kind: 'unknown', object, why: `${apiVersion} is not served yet` }
  const wanted = placed(object, type, situation.call.release)
  let isThere = false
  try {
    const write = await writeOf(deps, { type, wanted, part }, situation)
    isThere = write !== undefined && write.verb !== 'create'
    if (write !== undefined) await deps.cluster.dryRun(type, write, signal)
    return { kind: 'accepted', object }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { brings } = situation
    const judgement = judgeAnswer(error, { isThere, apiVersion, brings })
    if (judgement.kind === 'unanswered') throw error
    return { ...judgement, object, error }
  }
}

// The write that helm would make; undefined if it makes none.
async function writeOf(
  { cluster }: Deps,
  { type, wanted, part }: { type: ResourceType; wanted: KubeObject; part: RenderedObject['part'] },
  { method, call, before }: Situation,
): Promise<DryRun | undefined> {
  const { name, namespace } = wanted.metadata
  // A hook is created anew. What is wrong with it is found before the API server looks for one of its name.
  if (part === 'hook' || !name) return { verb: 'create', object: wanted }
  if (method === 'server') return { verb: 'apply', object: wanted }
  const live = await cluster.get(type, name, namespace)
  if (live === undefined) return { verb: 'create', object: wanted }
  if (call.action === 'upgrade' && call.release.forceUpgrade) {
    const { resourceVersion = '' } = live.metadata
    return {
      verb: 'update',
      object: { ...wanted, metadata: { ...wanted.metadata, resourceVersion } },
    }
  }
  const body = upgradePatch({
    before: before.get(idOf(wanted)) as JsonObject | undefined,
    wanted: wanted as JsonObject,
    live: live as JsonObject,
  })
  if (body === undefined) return undefined
  return namespace === undefined
    ? { verb: 'patch', name, body }
    : { verb: 'patch', name, namespace, body }
}

// With its namespace, and with the marks that Helm puts onto what it owns.
function placed(
  object: KubeObject,
  { namespaced }: ResourceType,
  { releaseName, targetNamespace }: HelmRelease,
): KubeObject {
  const { namespace, ...metadata } = object.metadata
  const labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' }
  const annotations = {
    ...metadata.annotations,
    'meta.helm.sh/release-name': releaseName,
    'meta.helm.sh/release-namespace': targetNamespace,
  }
  const place = namespaced ? { namespace: namespace || targetNamespace } : {}
  return { ...object, metadata: { ...metadata, ...place, labels, annotations } }
}

// Helm compares with the newest revision that is deployed.
async function readBefore(
  { storage, cluster }: Deps,
  history: History,
  { release }: Call,
): Promise<ReadonlyMap<string, KubeObject>> {
  const revisions = [...history]
  const deployed = revisions.find(({ status }) => status === 'deployed')
  if (deployed === undefined) return new Map()
  const objects = await storage.objectsOf(deployed)
  const entries = await Promise.all(
    objects.map(async ({ object }): Promise<[string, KubeObject][]> => {
      const type = await cluster.resourceFor(object.apiVersion, object.kind)
      if (type === undefined) return []
      const wanted = placed(object, type, release)
      return [[idOf(wanted), wanted]]
    }),
  )
  return new Map(entries.flat())
}

// "namespaces", "roles.rbac.authorization.k8s.io" or "serviceaccount": the API server names what is missing in many ways.
async function findBrought({ cluster }: Deps, { objects }: Rendered): Promise<Situation['brings']> {
  const names = new Set<string>()
  for (const { object } of objects) {
    const { apiVersion, kind, metadata } = object
    const type = await cluster.resourceFor(apiVersion, kind)
    const group = type === undefined || type.group === '' ? '' : `.${type.group}`
    for (const what of [kind.toLowerCase(), type?.plural, `${type?.plural}${group}`])
      names.add(`${what} ${metadata.name}`)
  }
  return (what, name) => names.has(`${what.toLowerCase()} ${name.split('/').at(-1)}`)
}

function refuse(call: Call, verdicts: readonly Verdict[]): void {
  const refusals = verdicts.flatMap((one) => (one.kind === 'refused' ? [one] : []))
  const [first] = refusals
  if (first === undefined) return
  const named = refusals.slice(0, mostNamed).map(({ object, why }) => `${nameOf(object)}: ${why}`)
  const more = refusals.length > mostNamed ? [`and ${refusals.length - mostNamed} more`] : []
  // What cannot change by waiting keeps the whole from being tried again.
  const final = refusals.find(({ code }) => code === 'ObjectRefused') ?? first
  throw new ReconcileError(
    final.code ?? failureOf(call),
    `${cannot(call)}: the API server refuses ${[...named, ...more].join('; ')}. Nothing was changed`,
    { cause: final.error },
  )
}

function tooSlow(call: Call): ReconcileError {
  const why = `the API server has not judged all of its objects within ${call.timeoutMs / 1_000} s`
  return new ReconcileError(
    failureOf(call),
    `${cannot(call)}: ${why}; look for a slow admission webhook, or raise the timeout. Nothing was changed`,
  )
}

function failureOf({ action }: Call): ErrorCode {
  return action === 'install' ? 'InstallFailed' : 'UpgradeFailed'
}

function cannot({ action, release: { releaseName, targetNamespace } }: Call): string {
  return `Cannot ${action} release "${releaseName}" in namespace "${targetNamespace}"`
}

async function recordNotes(
  deps: Deps,
  release: HelmRelease,
  notes: readonly string[],
): Promise<void> {
  if (notes.length === 0) return
  const named = notes.slice(0, mostNamed).join(', ')
  const more = notes.length > mostNamed ? ` and ${notes.length - mostNamed} more` : ''
  const redact = deps.secrets.redactFor(formatKey(release.key))
  const message = redact(`Not validated before helm runs: ${named}${more}`)
  await deps.events.record(release, { type: 'Normal', reason: 'ValidationIncomplete', message })
}

function idOf({ apiVersion, kind, metadata }: KubeObject): string {
  // The same object under another version of its API.
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  return JSON.stringify([group, kind, metadata.namespace, metadata.name])
}

function nameOf({ kind, metadata }: KubeObject): string {
  const { name, generateName } = metadata
  return `${kind} "${name ?? generateName ?? ''}"`
}
