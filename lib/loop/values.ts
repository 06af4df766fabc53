// What values does a release get? As long as no document they come from has changed, what came of them is known.
import { ReconcileError } from '../model/errors.ts'
import { formatIdentity, type Identity } from '../model/identity.ts'
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { ValuesDocument } from '../model/ports.ts'
import type { JsonObject } from '../model/json.ts'
import type { HelmRelease, ValuesReference } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { formatReference } from '../plan/references.ts'
import { secretTexts } from '../plan/secret-texts.ts'
import { composeValues, mayBeSecret } from '../plan/values.ts'
import { digestJson } from '../util/digest.ts'
import { explainExtent } from '../util/extent.ts'
import { mostSecrets } from '../util/redact.ts'
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
  const answers: Answer[] = []
  for (const group of inGroups(desired.values.from)) {
    const found = await inOrder(
      group.map(async (reference): Promise<Answer> => {
        const unless = noted.versions.get(nameOf(reference))
        return await readIfChanged(deps, reference, { ...from, identity: desired.identity, unless })
      }),
    )
    answers.push(...found)
    // The rest is read in any case now.
    if (found.some((answer) => answer !== 'unchanged'))
      return await readValues(deps, desired, from, answers)
  }
  return { digest: noted.digest, secrets: [] }
}

/** The values in full. What was found changed before is not read again. */
export async function readValues(
  deps: LoopDeps,
  desired: HelmRelease,
  from: From,
  before: readonly Answer[] = [],
): Promise<Values> {
  const references = desired.values.from
  const names = namesOf(desired)
  const secrets = new Set<string>()
  const versions = new Map<string, string>()
  let content: JsonObject = {}
  let at = 0
  for (const group of inGroups(references)) {
    const read = group.map((reference) => readDocument(deps, reference, from, before[at++]))
    for (const [index, { document, texts }] of (await inOrder(read)).entries()) {
      noteVersion(versions, group[index]!, document)
      // Of a release with more secrets than can be looked for, everything is withheld.
      if (secrets.size <= mostSecrets)
        for (const text of texts) if (!names.has(text)) secrets.add(text)
      content = compose(content, document.content ?? {})
    }
  }
  content = compose(content, desired.values.inline)
  const digest = digestJson(content)
  deps.references.note(formatKey(desired.key), { of: sourcesOf(desired), versions, digest })
  deps.secrets.know(formatKey(desired.key), [...secrets])
  return { content, digest, secrets: [...secrets] }
}

// A few documents at a time: each may be a megabyte, and 50,000 values. Between them the operator does other things.
const groupSize = 4

function* inGroups<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += groupSize) yield all.slice(at, at + groupSize)
}

function compose(under: JsonObject, over: JsonObject): JsonObject {
  const content = composeValues([under], over)
  const excess = explainExtent(content)
  if (excess === undefined) return content
  const message = `Cannot compose values: what comes of all sources together ${excess}`
  throw new ReconcileError('ValuesInvalid', `${message}; make them smaller`)
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

type ReadDocument = { document: ValuesDocument; texts: readonly string[] }

// With what is secret in it, found out as soon as it has come and not for all documents at once.
async function readDocument(
  deps: LoopDeps,
  reference: ValuesReference,
  from: From,
  before: Answer = 'unchanged',
): Promise<ReadDocument> {
  const { cluster } = deps
  const document =
    before === 'unchanged' ? await deps.readValues(reference, { ...from, cluster }) : before
  if (document === 'unchanged')
    throw new ReconcileError(
      'Unexpected',
      `Cannot read ${nameOf(reference)}: nothing was handed out`,
    )
  const { content } = document
  return { document, texts: content && mayBeSecret(reference) ? secretTexts(content) : [] }
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

function noteVersion(
  versions: Map<string, string>,
  reference: ValuesReference,
  { version }: ValuesDocument,
): void {
  const name = nameOf(reference)
  versions.set(name, (versions.get(name) ?? version) === version ? version : torn)
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
