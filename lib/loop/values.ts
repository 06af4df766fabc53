// What values does a release get? As long as no document they come from has changed, what came of them is known.
import { ReconcileError } from '../model/errors.ts'
import { formatIdentity, type Identity } from '../model/identity.ts'
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { ValuesDocument } from '../model/ports.ts'
import type { HelmRelease, ValuesReference } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { formatReference } from '../plan/references.ts'
import { secretTexts } from '../plan/secret-texts.ts'
import { composeValues, mayBeSecret } from '../plan/values.ts'
import { digestJson } from '../util/digest.ts'
import type { LoopDeps } from './deps.ts'

type Values = Observed['values']
type From = { artifact: Artifact; signal: AbortSignal }
type Answer = ValuesDocument | 'unchanged'

// The version of an object that was read twice, and was another one each time.
const torn = 'torn'

/**
 * The values, or only their digest where no document has changed since they were last read. Throws ReconcileError
 * ValuesSourceNotFound or ValuesInvalid.
 */
export async function observeValues(
  deps: LoopDeps,
  desired: HelmRelease,
  from: From,
): Promise<Values> {
  const noted = deps.references.noted(formatKey(desired.key))
  if (noted?.of !== sourcesOf(desired)) return await readValues(deps, desired, from)
  const answers = await inOrder(
    desired.values.from.map((reference) =>
      readIfChanged(deps, reference, {
        ...from,
        identity: desired.identity,
        unless: noted.versions.get(nameOf(reference)),
      }),
    ),
  )
  if (answers.every((answer) => answer === 'unchanged'))
    return { digest: noted.digest, secrets: [] }
  return await readValues(deps, desired, from, answers)
}

/** The values in full. What was found changed before is not read again. */
export async function readValues(
  deps: LoopDeps,
  desired: HelmRelease,
  from: From,
  before: readonly Answer[] = [],
): Promise<Values> {
  const references = desired.values.from
  const documents = await inOrder(
    references.map(async (reference, index) => {
      const answer = before[index] ?? 'unchanged'
      return answer === 'unchanged' ? await readDocument(deps, reference, from) : answer
    }),
  )
  const contents = documents.map((document) => document.content ?? {})
  const content = composeValues(contents, desired.values.inline)
  const digest = digestJson(content)
  const versions = versionsOf(references, documents)
  const of = sourcesOf(desired)
  deps.references.note(formatKey(desired.key), { of, versions, digest })
  const names = namesOf(desired)
  const secrets = contents
    .filter((_, index) => mayBeSecret(references[index]!))
    .flatMap(secretTexts)
    .filter((text) => !names.has(text))
  deps.secrets.know(formatKey(desired.key), secrets)
  return { content, digest, secrets }
}

async function readIfChanged(
  deps: LoopDeps,
  reference: ValuesReference,
  { unless, identity, ...from }: From & { unless: string | undefined; identity: Identity },
): Promise<Answer> {
  const { cluster } = deps
  if (unless === undefined) return await deps.readValues(reference, { ...from, cluster })
  if (reference.kind === 'ConfigMap' || reference.kind === 'Secret')
    if (deps.references.versionOf(reference, identity) === unless) return 'unchanged'
  return await deps.readValues(reference, { ...from, cluster, unless })
}

async function readDocument(
  deps: LoopDeps,
  reference: ValuesReference,
  from: From,
): Promise<ValuesDocument> {
  const { cluster } = deps
  const document = await deps.readValues(reference, { ...from, cluster })
  if (document !== 'unchanged') return document
  throw new ReconcileError('Unexpected', `Cannot read ${nameOf(reference)}: nothing was handed out`)
}

// What one service account was let to read says nothing about what another one may.
function sourcesOf({ values, identity }: HelmRelease): string {
  return digestJson({ values, identity: formatIdentity(identity) })
}

// What everybody may see of a release is no secret of it, and would be missing from every message.
function namesOf({ key, releaseName, targetNamespace, source }: HelmRelease): Set<string> {
  const chart = source.kind === 'repository' ? [source.name, source.version] : []
  return new Set([key.namespace, key.name, releaseName, targetNamespace, ...chart])
}

// All at once; of several failures the first reference's is the one, so that it is the same every time.
async function inOrder<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises)
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

function versionsOf(
  references: readonly ValuesReference[],
  documents: readonly ValuesDocument[],
): Map<string, string> {
  const versions = new Map<string, string>()
  for (const [index, { version }] of documents.entries()) {
    const name = nameOf(references[index]!)
    versions.set(name, (versions.get(name) ?? version) === version ? version : torn)
  }
  return versions
}

function nameOf(reference: ValuesReference): string {
  switch (reference.kind) {
    case 'ConfigMap':
    case 'Secret':
      return formatReference(reference)
    case 'url':
      return `url ${reference.url}`
    case 'chartFile':
      return `file ${reference.path}`
  }
}
