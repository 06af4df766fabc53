// format.dns1123Label().validate('a b'): the formats that rules can name, with the server's reasons.
import { Optional } from '@marcbachmann/cel-js'
import type { CelLibrary } from '../../util/cel/environment.ts'
import { fitsFormat } from '../formats.ts'
import {
  isLabel,
  isLabelValue,
  isOldLabel,
  isQualifiedName,
  isSubdomain,
  type Check,
} from '../validation/syntax.ts'

class Format {
  readonly check: Check
  constructor(check: Check) {
    this.check = check
  }
}

class Formats {}

// Names of objects that are still to be completed may end with what separates words.
const prefix =
  (check: Check): Check =>
  (text) =>
    check(text.replace(/[-.]$/, 'a'))

const fitting =
  (format: string, why: string): Check =>
  (text) =>
    fitsFormat(format, text) ? [] : [why]

const formats: Record<string, Check> = {
  dns1123Label: isLabel,
  dns1123Subdomain: isSubdomain,
  dns1035Label: isOldLabel,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: prefix(isLabel),
  dns1123SubdomainPrefix: prefix(isSubdomain),
  dns1035LabelPrefix: prefix(isOldLabel),
  labelValue: isLabelValue,
  uri: fitting('uri', 'invalid URI'),
  uuid: fitting('uuid', 'does not match the UUID format'),
  byte: fitting('byte', 'invalid base64'),
  date: fitting('date', 'invalid date'),
  datetime: fitting('date-time', 'invalid datetime'),
}

/** format.<name>(), format.named(text) and validate(). */
export const celFormats: CelLibrary = (environment) => {
  environment
    .registerType('Format', Format)
    .registerType('Formats', Formats)
    .registerConstant('format', 'Formats', new Formats())
    .registerFunction('Formats.named(string): optional<Format>', (_: Formats, name: string) => {
      const check = Object.hasOwn(formats, name) ? formats[name] : undefined
      return check === undefined ? Optional.none() : Optional.of(new Format(check))
    })
    .registerFunction(
      'Format.validate(string): optional<list<string>>',
      ({ check }: Format, text: string) => {
        const problems = check(text)
        return problems.length === 0 ? Optional.none() : Optional.of(problems)
      },
    )
  for (const [name, check] of Object.entries(formats))
    environment.registerFunction(`Formats.${name}(): Format`, () => new Format(check))
}
