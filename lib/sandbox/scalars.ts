// What is wrong with a string or a number, given its schema?
import type { RE2JS } from 're2js'
import { compileRe2 } from '../util/re2.ts'
import { invalidValue, tooLong, wrongType } from './causes.ts'
import { fitsFormat } from './formats.ts'
import type { Schema } from './schema.ts'
import type { Cause } from './status.ts'

/** The name of a JSON value's type, as schemas and messages have it. */
function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Is the value of the schema's type? An integer is a number too. */
export function typeCause(schema: Schema, value: unknown, path: string): Cause | undefined {
  const found = typeName(value)
  const wanted = schema['x-kubernetes-int-or-string'] ? 'integer,string' : schema['type']
  if (typeof wanted !== 'string' || wanted.split(',').includes(found)) return undefined
  if (wanted === 'number' && found === 'integer') return undefined
  if (found === 'null' && schema['nullable'] === true) return undefined
  const quoted = JSON.stringify(found)
  return wrongType(path, found, `${path} in body must be of type ${wanted}: ${quoted}`)
}

/** The first thing that is wrong with a string; a real server, too, stops at the first. */
export function stringCauses(schema: Schema, text: string, path: string): Cause[] {
  const length = [...text].length
  const most = schema['maxLength']
  if (typeof most === 'number' && length > most) return [tooLong(path, most)]
  const least = schema['minLength']
  if (typeof least === 'number' && length < least)
    return [invalidValue(path, text, `${path} in body should be at least ${least} chars long`)]
  const pattern = schema['pattern']
  if (typeof pattern === 'string' && !fitsPattern(schema, pattern, text))
    return [invalidValue(path, text, `${path} in body should match '${pattern}'`)]
  const format = schema['format']
  if (typeof format === 'string' && !fitsFormat(format, text)) {
    const detail = `${path} in body must be of type ${format}: ${JSON.stringify(text)}`
    return [wrongType(path, text, detail)]
  }
  return []
}

export function numberCauses(schema: Schema, value: number, path: string): Cause[] {
  const causes: Cause[] = []
  const say = (what: string): void => {
    causes.push(invalidValue(path, value, `${path} in body should be ${what}`))
  }
  const { multipleOf, maximum, minimum } = schema
  if (typeof multipleOf === 'number' && !isMultiple(value, multipleOf))
    say(`a multiple of ${multipleOf}`)
  if (typeof maximum === 'number') {
    if (schema['exclusiveMaximum'] === true) {
      if (value >= maximum) say(`less than ${maximum}`)
    } else if (value > maximum) say(`less than or equal to ${maximum}`)
  }
  if (typeof minimum === 'number') {
    if (schema['exclusiveMinimum'] === true) {
      if (value <= minimum) say(`greater than ${minimum}`)
    } else if (value < minimum) say(`greater than or equal to ${minimum}`)
  }
  if (schema['format'] === 'int32' && value !== (value | 0)) causes.push(beyondInt32(path))
  return causes
}

function beyondInt32(path: string): Cause {
  const detail = `Checked value must be of type integer with format int32 in ${path}`
  return invalidValue('<nil>', '', detail)
}

function isMultiple(value: number, of: number): boolean {
  const times = value / of
  return Math.abs(times - Math.round(times)) < 1e-9
}

// Compiling costs a thousand times as much as trying, and a schema lives as long as its pattern is needed.
const expressions = new WeakMap<Schema, RE2JS>()

function fitsPattern(schema: Schema, pattern: string, text: string): boolean {
  const known = expressions.get(schema)
  if (known !== undefined) return known.test(text)
  const expression = compilePattern(pattern)
  if (expression === undefined) return false
  expressions.set(schema, expression)
  return expression.test(text)
}

// A server would have refused the schema with such a pattern: nothing fits it.
function compilePattern(pattern: string): RE2JS | undefined {
  try {
    return compileRe2(pattern)
  } catch {
    return undefined
  }
}
