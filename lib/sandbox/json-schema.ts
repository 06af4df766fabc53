// The schemas in a CustomResourceDefinition as Go's types read them: keywords have types, and null is as good as nothing,
// or an empty schema where there must be one.
import { isMap, setMember, type JsonMap } from './schema.ts'

type Reader = (value: unknown, keyword: string) => unknown

/** What a schema cannot be read as; the message is that of Go's decoder. */
export class SchemaTypeError extends Error {
  override readonly name = 'SchemaTypeError'
}

/** The schema without nulls; throws SchemaTypeError for a keyword of the wrong type. */
export function readJsonSchema(value: unknown): JsonMap {
  if (value === null || value === undefined) return {}
  if (!isMap(value)) throw mismatch(value, '', 'JSONSchemaProps')
  const result: JsonMap = {}
  for (const [keyword, member] of Object.entries(value)) {
    const read = readers[keyword]
    // A default or an example may be null.
    if (read === undefined) setMember(result, keyword, member)
    else if (member !== null) setMember(result, keyword, read(member, keyword))
  }
  return result
}

const typed =
  (type: string, goType: string): Reader =>
  (value, keyword) => {
    if (typeof value === type) return value
    throw mismatch(value, keyword, goType)
  }
const text = typed('string', 'string')
const flag = typed('boolean', 'bool')
const number = typed('number', 'float64')
const schema: Reader = readJsonSchema

const listOf =
  (read: Reader, goType: string): Reader =>
  (value, keyword) => {
    if (!Array.isArray(value)) throw mismatch(value, keyword, goType)
    return value.map((item) => read(item, keyword))
  }
const mapOf =
  (read: Reader, goType: string): Reader =>
  (value, keyword) => {
    if (!isMap(value)) throw mismatch(value, keyword, goType)
    const result: JsonMap = {}
    for (const [name, member] of Object.entries(value))
      setMember(result, name, read(member, keyword))
    return result
  }
const texts = listOf((item, keyword) => text(item ?? '', keyword), '[]string')
const schemas = listOf(schema, '[]v1.JSONSchemaProps')
const schemasByName = mapOf(schema, 'map[string]v1.JSONSchemaProps')
const schemaOrFlag: Reader = (value, keyword) =>
  typeof value === 'boolean' ? value : schema(value, keyword)
const schemaOrList: Reader = (value, keyword) =>
  Array.isArray(value) ? schemas(value, keyword) : schema(value, keyword)
const rule: Reader = (value, keyword) => {
  if (!isMap(value ?? {})) throw mismatch(value, keyword, 'v1.ValidationRule')
  const read = (name: string): Reader => (name === 'optionalOldSelf' ? flag : text)
  const entries = Object.entries((value ?? {}) as JsonMap).filter(([, member]) => member !== null)
  return Object.fromEntries(entries.map(([name, member]) => [name, read(name)(member, name)]))
}

const words: readonly (readonly [Reader, string])[] = [
  [
    text,
    'id $schema $ref description type format title pattern x-kubernetes-list-type x-kubernetes-map-type',
  ],
  [
    number,
    'maximum minimum multipleOf maxLength minLength maxItems minItems maxProperties minProperties',
  ],
  [
    flag,
    'exclusiveMaximum exclusiveMinimum uniqueItems nullable x-kubernetes-preserve-unknown-fields',
  ],
  [flag, 'x-kubernetes-embedded-resource x-kubernetes-int-or-string'],
  [texts, 'required x-kubernetes-list-map-keys'],
  [listOf((item) => item, '[]v1.JSON'), 'enum'],
  [schema, 'not'],
  [schemas, 'allOf oneOf anyOf'],
  [schemasByName, 'properties patternProperties definitions'],
  [schemaOrFlag, 'additionalProperties additionalItems'],
  [schemaOrList, 'items'],
  [listOf(rule, 'v1.ValidationRules'), 'x-kubernetes-validations'],
]
const readers: Readonly<Record<string, Reader | undefined>> = Object.assign(
  Object.create(null) as Record<string, Reader>,
  Object.fromEntries(
    words.flatMap(([read, names]) => names.split(' ').map((name) => [name, read])),
  ),
)

function mismatch(value: unknown, keyword: string, goType: string): SchemaTypeError {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const where =
    keyword === '' ? goType : `Go struct field JSONSchemaProps.${keyword} of type ${goType}`
  return new SchemaTypeError(`json: cannot unmarshal ${found} into ${where}`)
}
