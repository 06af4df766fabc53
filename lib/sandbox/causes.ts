// How the API server words what is wrong with one field, because kubectl and helm hand these sentences on to people.
import type { Cause } from './status.ts'

export function requiredValue(field: string, detail = ''): Cause {
  return cause(field, 'FieldValueRequired', `Required value${suffix(detail)}`)
}

export function invalidValue(field: string, value: unknown, detail: string): Cause {
  return cause(field, 'FieldValueInvalid', `Invalid value: ${shown(value)}${suffix(detail)}`)
}

/** The value has another type than the schema says; the server shows the type that it found. */
export function wrongType(field: string, value: unknown, detail: string): Cause {
  return cause(field, 'FieldValueTypeInvalid', `Invalid value: ${shown(value)}${suffix(detail)}`)
}

export function unsupportedValue(
  field: string,
  value: unknown,
  supported: readonly unknown[],
): Cause {
  const list = supported.map((one) => `"${String(one)}"`).join(', ')
  const message = `Unsupported value: ${shown(value)}: supported values: ${list}`
  return cause(field, 'FieldValueNotSupported', message)
}

export function forbiddenValue(field: string, detail: string): Cause {
  return cause(field, 'FieldValueForbidden', `Forbidden${suffix(detail)}`)
}

export function duplicateValue(field: string, value: unknown): Cause {
  return cause(field, 'FieldValueDuplicate', `Duplicate value: ${shown(value)}`)
}

export function notFoundValue(field: string, value: unknown): Cause {
  return cause(field, 'FieldValueNotFound', `Not found: ${shown(value)}`)
}

export function tooLong(field: string, bytes: number): Cause {
  return cause(field, 'FieldValueTooLong', `Too long: may not be more than ${bytes} bytes`)
}

export function tooMany(field: string, count: number, most: number): Cause {
  const message = `Too many: ${count}: must have at most ${most} items`
  return cause(field, 'FieldValueTooMany', message)
}

export function cause(field: string, reason: string, message: string): Cause {
  return { field, reason, message }
}

function suffix(detail: string): string {
  return detail === '' ? '' : `: ${detail}`
}

function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}
