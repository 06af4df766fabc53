// Reads the objects of a manifest in full: what helm says it would apply, and what it has stored.
import { ReconcileError } from '../model/errors.ts'
import type { Json, KubeObject } from '../model/json.ts'
import type { Rendered, RenderedObject } from '../model/rendered.ts'
import { isMap } from '../util/merge.ts'
import { parseYaml } from '../util/yaml.ts'
import { splitManifest } from './manifest.ts'
import { decodeRecord } from './storage.ts'

// As many as a stored release may have, and as much text as one may unpack to.
const maxObjects = 10_000
const maxText = 16 * 1024 * 1024

/** What `helm upgrade --dry-run -o json` printed: the manifest, and the hooks that are no tests. Throws ReconcileError RenderFailed. */
export function decodeDryRun(answer: string): Rendered {
  const release = parseAnswer(answer)
  const hooks = Array.isArray(release.hooks) ? release.hooks.filter(isMap) : []
  const manifests = [release.manifest, ...hooks.map(({ manifest }) => manifest)]
  return decodeManifest(manifests.filter((text) => typeof text === 'string').join('\n---\n'))
}

/** What `helm template` printed, or a manifest of Helm's. Throws ReconcileError RenderFailed for one that is too large. */
export function decodeManifest(text: string): Rendered {
  if (text.length > maxText) throw tooLarge('16 MB of manifests')
  const objects: RenderedObject[] = []
  const notes: string[] = []
  for (const document of splitManifest(text)) {
    const isCrd = /^# Source: \S+\/crds\//m.test(document)
    try {
      for (const object of flatten(parseYaml(document)))
        objects.push({ object, part: isCrd ? 'crds' : partOf(object) })
    } catch {
      const [, file = 'a template'] = /^# Source: (\S+)/m.exec(document) ?? []
      // Helm has read it, and will judge it by itself. The error may quote what is secret.
      notes.push(`what ${file} makes (it cannot be read)`)
    }
    if (objects.length > maxObjects) throw tooLarge('10,000 objects')
  }
  return { objects: objects.filter(({ object }) => !isTest(object)), notes }
}

/** The objects that a stored revision was made of. */
export function decodeStoredObjects(secret: KubeObject): readonly RenderedObject[] {
  const { manifest } = parseAnswer(decodeRecord(secret))
  return typeof manifest === 'string' ? decodeManifest(manifest).objects : []
}

function parseAnswer(answer: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(answer)
    if (isMap(value)) return value
  } catch {
    // What it says instead may be secret.
  }
  throw new ReconcileError(
    'RenderFailed',
    'Cannot read what helm renders: it is no JSON of a release',
  )
}

function tooLarge(what: string): ReconcileError {
  return new ReconcileError(
    'RenderFailed',
    `Cannot read what helm renders: it is more than ${what}`,
  )
}

function flatten(value: Json): KubeObject[] {
  if (!isMap(value)) return []
  const { apiVersion, kind, items, metadata } = value
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return []
  if (kind.endsWith('List') && Array.isArray(items))
    return items.flatMap((item) => flatten(item as Json))
  if (!isMap(metadata) && metadata !== undefined && metadata !== null) return []
  return [{ ...value, apiVersion, kind, metadata: metadata ?? {} } as KubeObject]
}

function partOf(object: KubeObject): RenderedObject['part'] {
  return eventsOf(object).length > 0 ? 'hook' : 'manifest'
}

function isTest(object: KubeObject): boolean {
  const events = eventsOf(object)
  return events.length > 0 && events.every((event) => /^test(?:-success|-failure)?$/.test(event))
}

function eventsOf({ metadata }: KubeObject): string[] {
  const hook: unknown = (metadata.annotations as Record<string, unknown> | null | undefined)?.[
    'helm.sh/hook'
  ]
  return typeof hook === 'string' ? hook.split(',').map((event) => event.trim()) : []
}
