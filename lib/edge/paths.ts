// Where a resource lives in the API server's URL space.
import type { ResourceType } from '../model/ports.ts'

export type ResourcePlace = { namespace?: string; name?: string; subresource?: string }
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** The path of a collection or of one object, with its query. */
export function resourcePath(type: ResourceType, place: ResourcePlace, query: Query = {}): string {
  const parts = [
    ...(type.group === '' ? ['api', type.version] : ['apis', type.group, type.version]),
    ...(type.namespaced && place.namespace !== undefined ? ['namespaces', place.namespace] : []),
    type.plural,
    ...(place.name === undefined ? [] : [place.name]),
    ...(place.subresource === undefined ? [] : [place.subresource]),
  ]
  return `/${parts.map(encodeURIComponent).join('/')}${queryString(query)}`
}

/** "deployments.apps", "secrets": the name of a resource in messages and metrics. */
export function resourceName(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`
}

/** The apiVersion that objects of this type carry. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`
}

function queryString(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
