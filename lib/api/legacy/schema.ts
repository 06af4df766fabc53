// The spec of a first-generation HelmRelease on the wire: types only. What is missing and what it means is decided in
// decode.ts. Null counts as absent throughout, because people write "values:" with nothing behind it.
import * as z from 'zod'
import { explainExtent } from '../../util/extent.ts'
import { isMap } from '../../util/merge.ts'

const text = z.string().nullish()
const flag = z.boolean().nullish()
const integer = z.int().nullish()
const named = z.object({ name: z.string() })

const keyRef = z.object({ name: z.string(), namespace: text, key: text, optional: flag }).nullish()

const valuesSource = z.object({
  configMapKeyRef: keyRef,
  secretKeyRef: keyRef,
  externalSourceRef: z.object({ url: z.string(), optional: flag }).nullish(),
  chartFileRef: z.object({ path: z.string(), optional: flag }).nullish(),
})

// Each of them may be a megabyte. Those that people write name up to a dozen.
const maxDocuments = 100

function documents<T extends z.ZodType>(reference: T) {
  const tooMany = `it names more than ${maxDocuments} documents; put several into one`
  return z.array(reference).max(maxDocuments, tooMany).nullish()
}

const chart = z.object({
  git: text,
  ref: text,
  path: text,
  secretRef: z.object({ name: z.string(), namespace: text }).nullish(),
  skipDepUpdate: flag,
  repository: text,
  name: text,
  version: text,
  chartPullSecret: named.nullish(),
})

const rollback = z.object({
  enable: flag,
  retry: flag,
  maxRetries: integer,
  force: flag,
  recreate: flag,
  disableHooks: flag,
  timeout: integer,
  wait: flag,
})

// Every field is optional here, so that a spec with mistakes can be read without them.
const specSchema = z.object({
  helmVersion: z.enum(['v2', 'v3', 'v4']).nullish(),
  chart: chart.nullish(),
  releaseName: text,
  targetNamespace: text,
  serviceAccountName: text,
  values: z.unknown().optional(),
  valuesFrom: documents(valuesSource),
  valueFileSecrets: documents(named),
  timeout: integer,
  wait: flag,
  maxHistory: integer,
  resetValues: flag,
  forceUpgrade: flag,
  skipCRDs: flag,
  disableOpenAPIValidation: flag,
  validate: z.enum(['None', 'Server']).nullish(),
  install: z.object({ keepFailed: flag, maxRetries: integer, serverSideApply: flag }).nullish(),
  upgrade: z
    .object({ serverSideApply: z.enum(['enabled', 'disabled', 'auto']).nullish() })
    .nullish(),
  rollback: rollback.nullish(),
  test: z.object({ enable: flag, ignoreFailures: flag, timeout: integer, cleanup: flag }).nullish(),
})

export type LegacySpec = z.infer<typeof specSchema>
export type LegacyChart = z.infer<typeof chart>
export type LegacyValuesSource = z.infer<typeof valuesSource>

/**
 * The spec without the fields that are of the wrong type or beyond any measure, and a sentence for each of these mistakes. An API server with our
 * CRD lets none of them in; files that were never sent to one may have them.
 */
export function readSpec(wire: unknown): { spec: LegacySpec; mistakes: string[] } {
  const excess = isMap(wire) ? explainExtent(wire.values) : undefined
  if (excess === undefined) return readFields(wire)
  // An API server lets it in, but neither this operator nor Helm could walk through it.
  const { spec, mistakes } = readFields({ ...(wire as object), values: undefined })
  return { spec, mistakes: [`spec.values ${excess}: make it smaller`, ...mistakes] }
}

function readFields(wire: unknown): { spec: LegacySpec; mistakes: string[] } {
  const parsed = specSchema.safeParse(wire ?? {})
  if (parsed.success) return { spec: parsed.data, mistakes: [] }
  const { issues } = parsed.error
  const wrong = new Set(issues.map(({ path }) => path[0]))
  const rest = isMap(wire)
    ? Object.fromEntries(Object.entries(wire).filter(([field]) => !wrong.has(field)))
    : {}
  return { spec: specSchema.parse(rest), mistakes: issues.map(mistakeSentence) }
}

function mistakeSentence({ path, message }: { path: PropertyKey[]; message: string }): string {
  const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
  return `spec${field.join('')} is not valid: ${message.replace(/^Invalid \w+: /, '')}`
}
