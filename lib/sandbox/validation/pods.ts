// What is wrong with a pod's spec, its own or a template's? Schema alone finds the rest: see generic.ts.
import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  notFoundValue,
  requiredValue,
} from '../causes.ts'
import { canonicalQuantity, compareQuantities } from '../../util/quantity.ts'
import { at, mapsAt, numberAt, textAt, textsAt } from '../reading.ts'
import { isMap, type JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import {
  atLeast,
  isConfigKey,
  isLabel,
  isLabelValue,
  isPortName,
  isQualifiedName,
  isSubdomain,
  optionalWordCauses,
  portCauses,
} from './syntax.ts'

/** Causes in a pod's spec; `path` is where it stands, such as "spec.template.spec", `claimed` volumes it will be given. */
export function podCauses(spec: JsonMap, path: string, claimed: readonly string[] = []): Cause[] {
  const volumes = mapsAt(spec, 'volumes')
  const known = [...claimed, ...volumes.map((volume) => textAt(volume, 'name'))]
  const seen: string[] = []
  const containers = ['containers', 'initContainers'].flatMap((list) =>
    mapsAt(spec, list).flatMap((container, index) => {
      const field = `${path}.${list}[${index}]`
      const name = textAt(container, 'name')
      const twice = seen.includes(name) ? [duplicateValue(`${field}.name`, name)] : []
      seen.push(name)
      return [...twice, ...containerCauses(container, field, known)]
    }),
  )
  return [
    ...volumeCauses(volumes, `${path}.volumes`),
    ...containers,
    ...selectorCauses(at(spec, 'nodeSelector'), `${path}.nodeSelector`),
    ...optionalWordCauses(`${path}.hostname`, textAt(spec, 'hostname'), isLabel),
    ...optionalWordCauses(
      `${path}.serviceAccountName`,
      textAt(spec, 'serviceAccountName'),
      isSubdomain,
    ),
    ...tolerationCauses(spec, `${path}.tolerations`),
    ...spreadCauses(spec, `${path}.topologySpreadConstraints`),
  ]
}

function selectorCauses(selector: unknown, field: string): Cause[] {
  return Object.entries(isMap(selector) ? selector : {}).flatMap(([key, value]) => [
    ...isQualifiedName(key).map((why) => invalidValue(field, key, why)),
    ...isLabelValue(String(value)).map((why) => invalidValue(field, value, why)),
  ])
}

function containerCauses(container: JsonMap, field: string, volumes: readonly string[]): Cause[] {
  const image = textAt(container, 'image')
  const isSpaced = image !== image.trim()
  return [
    ...optionalWordCauses(`${field}.name`, textAt(container, 'name'), isLabel),
    ...(image === '' ? [requiredValue(`${field}.image`)] : []),
    ...(isSpaced
      ? [invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace')]
      : []),
    ...portsCauses(container, `${field}.ports`),
    ...mapsAt(container, 'env').flatMap((one, index) => envCauses(one, `${field}.env[${index}]`)),
    ...mapsAt(container, 'envFrom').flatMap((one) => envFromCauses(one, `${field}.envFrom`)),
    ...mountCauses(container, `${field}.volumeMounts`, volumes),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
      probeCauses(at(container, probe), `${field}.${probe}`, probe),
    ),
    ...['postStart', 'preStop'].flatMap((hook) =>
      handlerCauses(at(container, `lifecycle.${hook}`), `${field}.lifecycle.${hook}`),
    ),
    ...resourceCauses(container, `${field}.resources`),
  ]
}

function portsCauses(container: JsonMap, field: string): Cause[] {
  const seen: string[] = []
  return mapsAt(container, 'ports').flatMap((port, index) => {
    const name = textAt(port, 'name')
    const where = `${field}[${index}]`
    const number = numberAt(port, 'containerPort')
    const twice = name !== '' && seen.includes(name)
    seen.push(name)
    return [
      ...optionalWordCauses(`${where}.name`, name, isPortName),
      ...(twice ? [duplicateValue(`${where}.name`, name)] : []),
      ...(number === 0
        ? [requiredValue(`${where}.containerPort`)]
        : portCauses(`${where}.containerPort`, number)),
      ...portCauses(`${where}.hostPort`, at(port, 'hostPort')),
    ]
  })
}

const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']
const oneOfSources =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'

function envCauses(variable: JsonMap, field: string): Cause[] {
  const name = textAt(variable, 'name')
  const causes: Cause[] = []
  if (name !== '' && !/^[ -<>-~]+$/.test(name)) {
    const rule =
      "a valid environment variable name must consist only of printable ASCII characters other than '='"
    causes.push(invalidValue(`${field}.name`, name, rule))
  }
  const from = at(variable, 'valueFrom')
  if (!isMap(from)) return causes
  const given = sources.filter((source) => from[source] !== undefined)
  if (textAt(variable, 'value') !== '') {
    const detail = 'may not be specified when `value` is not empty'
    causes.push(invalidValue(`${field}.valueFrom`, '', detail))
  } else if (given.length === 0) causes.push(invalidValue(`${field}.valueFrom`, '', oneOfSources))
  for (const source of ['configMapKeyRef', 'secretKeyRef']) {
    if (from[source] === undefined) continue
    const key = textAt(from, `${source}.key`)
    const place = `${field}.valueFrom.${source}`
    const named = textAt(from, `${source}.name`)
    causes.push(...isSubdomain(named).map((why) => invalidValue(`${place}.name`, named, why)))
    causes.push(...optionalWordCauses(`${place}.key`, key, isConfigKey))
  }
  return causes
}

function envFromCauses(source: JsonMap, field: string): Cause[] {
  const given = ['configMapRef', 'secretRef'].filter((name) => source[name] !== undefined)
  if (given.length === 0)
    return [invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`')]
  return given
    .slice(1)
    .map(() => invalidValue(field, '', 'may not have more than one field specified at a time'))
}

function mountCauses(container: JsonMap, field: string, volumes: readonly string[]): Cause[] {
  const seen: string[] = []
  return mapsAt(container, 'volumeMounts').flatMap((mount, index) => {
    const [name, path] = [textAt(mount, 'name'), textAt(mount, 'mountPath')]
    const twice = path !== '' && seen.includes(path)
    seen.push(path)
    return [
      ...(name !== '' && !volumes.includes(name)
        ? [notFoundValue(`${field}[${index}].name`, name)]
        : []),
      ...(twice ? [invalidValue(`${field}[${index}].mountPath`, path, 'must be unique')] : []),
    ]
  })
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function handlerCauses(handler: unknown, field: string): Cause[] {
  if (!isMap(handler)) return []
  const given = handlers.filter((one) => handler[one] !== undefined)
  const causes = given
    .slice(1)
    .map((one) => forbiddenValue(`${field}.${one}`, 'may not specify more than 1 handler type'))
  if (given.length === 0) causes.push(requiredValue(field, 'must specify a handler type'))
  if (given[0] === 'exec' && textsAt(handler, 'exec.command').length === 0)
    causes.push(requiredValue(`${field}.exec.command`))
  for (const one of given.slice(0, 1).filter((name) => name !== 'exec' && name !== 'sleep'))
    causes.push(...portCauses(`${field}.${one}.port`, at(handler, `${one}.port`)))
  return causes
}

function probeCauses(probe: unknown, field: string, kind: string): Cause[] {
  const causes = handlerCauses(probe, field)
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'failureThreshold'])
    causes.push(...atLeast(`${field}.${name}`, at(probe, name), 0))
  const successes = at(probe, 'successThreshold')
  if (kind !== 'readinessProbe' && typeof successes === 'number' && successes !== 1)
    causes.push(invalidValue(`${field}.successThreshold`, successes, 'must be 1'))
  return causes
}

function resourceCauses(container: JsonMap, field: string): Cause[] {
  const limits = at(container, 'resources.limits')
  const causes: Cause[] = []
  for (const list of ['limits', 'requests'])
    for (const [resource, amount] of Object.entries(at(container, `resources.${list}`) ?? {}))
      if (String(amount).startsWith('-')) {
        const where = `${field}.${list}[${resource}]`
        causes.push(invalidValue(where, amount, 'must be greater than or equal to 0'))
      }
  for (const [resource, amount] of Object.entries(at(container, 'resources.requests') ?? {})) {
    const limit = isMap(limits) ? limits[resource] : undefined
    if (limit === undefined || compareQuantities(String(amount), String(limit)) <= 0) continue
    const detail = `must be less than or equal to ${resource} limit of ${shown(limit)}`
    causes.push(invalidValue(`${field}.requests`, shown(amount), detail))
  }
  return causes
}

function shown(amount: unknown): string {
  const canonical = canonicalQuantity(String(amount))
  return 'text' in canonical ? canonical.text : String(amount)
}

const namedSources: Record<string, string> = { secret: 'secretName', configMap: 'name' }

function volumeCauses(volumes: readonly JsonMap[], field: string): Cause[] {
  const seen: string[] = []
  return volumes.flatMap((volume, index) => {
    const name = textAt(volume, 'name')
    const where = `${field}[${index}]`
    const twice = name !== '' && seen.includes(name)
    seen.push(name)
    const given = Object.keys(volume).filter((source) => source !== 'name')
    return [
      ...optionalWordCauses(`${where}.name`, name, isLabel),
      ...(twice ? [duplicateValue(`${where}.name`, name)] : []),
      ...given
        .slice(1)
        .map((one) => forbiddenValue(`${where}.${one}`, 'may not specify more than 1 volume type')),
      ...given.flatMap((source) => {
        const word = namedSources[source]
        if (word === undefined || textAt(volume, `${source}.${word}`) !== '') return []
        return [requiredValue(`${where}.${source}.${word}`)]
      }),
    ]
  })
}

function tolerationCauses(spec: JsonMap, field: string): Cause[] {
  return mapsAt(spec, 'tolerations').flatMap((one, index) => {
    const [key, operator] = [textAt(one, 'key'), textAt(one, 'operator')]
    const where = `${field}[${index}].operator`
    if (key === '' && operator !== 'Exists') {
      const rule =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      return [invalidValue(where, operator, rule)]
    }
    if (operator !== 'Exists' || textAt(one, 'value') === '') return []
    return [
      invalidValue(where, textAt(one, 'value'), "value must be empty when `operator` is 'Exists'"),
    ]
  })
}

function spreadCauses(spec: JsonMap, field: string): Cause[] {
  return mapsAt(spec, 'topologySpreadConstraints').flatMap((one, index) => {
    const skew = numberAt(one, 'maxSkew')
    return skew > 0
      ? []
      : [invalidValue(`${field}[${index}].maxSkew`, skew, 'must be greater than zero')]
  })
}
