// What is served here? The documents of API discovery, aggregated (one for everything) and plain (one per level).
import { negotiate } from './accept.ts'
import { respondTagged } from './etag.ts'
import { compareVersions, type Registry } from './registry.ts'
import { extraSubresources, type Extra } from './catalog.ts'
import { unserved } from './status.ts'
import type { Json, ResourceDefinition } from './types.ts'
import { apiVersionOf } from './names.ts'

type Document = { [key: string]: Json }

const aggregated = ['APIGroupDiscoveryList']

/** /api and /apis: the groups, or with the right Accept header all that is in them. */
export function answerGroups(registry: Registry, legacy: boolean, request: Request): Response {
  const view = negotiate(request.headers.get('accept'), aggregated)
  if (view.as === undefined)
    return respondTagged(request, legacy ? apiVersions() : groupList(registry))
  const version = view.version ?? 'v2'
  const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
  return respondTagged(request, aggregatedList(registry, legacy, version), type)
}

function apiVersions(): Document {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }],
  }
}

function groupList(registry: Registry): Document {
  const groups = groupNames(registry).filter((group) => group !== '')
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map((group) => groupDocument(registry, group)),
  }
}

/** /apis/{group} */
export function answerGroup(registry: Registry, group: string, request: Request): Response {
  if (versionsOf(registry, group).length === 0) throw unserved()
  const document = { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(registry, group) }
  return respondTagged(request, document)
}

function groupNames(registry: Registry): string[] {
  return [...new Set(registry.all().map(({ group }) => group))]
}

function versionsOf(registry: Registry, group: string): string[] {
  const versions = registry.all().flatMap((one) => (one.group === group ? [one.version] : []))
  return [...new Set(versions)].sort(compareVersions)
}

function groupDocument(registry: Registry, group: string): Document {
  const versions = versionsOf(registry, group).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }))
  return { name: group, versions, preferredVersion: versions[0]! }
}

/** /api/v1 and /apis/{group}/{version}: the resources. */
export function answerResources(
  registry: Registry,
  at: { group: string; version: string },
  request: Request,
): Response {
  const definitions = inGroupVersion(registry, at.group, at.version)
  if (definitions.length === 0) throw unserved()
  return respondTagged(request, {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf(at),
    resources: definitions.flatMap(plainResources),
  })
}

function inGroupVersion(
  registry: Registry,
  group: string,
  version: string,
): readonly ResourceDefinition[] {
  return registry
    .all()
    .filter((one) => one.group === group && one.version === version)
    .sort((left, right) => (left.plural < right.plural ? -1 : 1))
}

function plainResources(definition: ResourceDefinition): Document[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = definition
  const own: Document = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: [...verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
  }
  const below = subresourcesOf(definition).map(({ name, verbs, kind, group, version }) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(kind === undefined
      ? { kind: definition.kind }
      : { group: group!, version: version!, kind }),
    verbs: [...verbs],
  }))
  return [own, ...below]
}

function subresourcesOf(definition: ResourceDefinition): readonly Extra[] {
  const common: Extra[] = definition.subresources.map((name) =>
    name === 'status'
      ? { name, verbs: ['get', 'patch', 'update'] }
      : {
          name,
          verbs: ['get', 'patch', 'update'],
          kind: 'Scale',
          group: 'autoscaling',
          version: 'v1',
        },
  )
  return [...common, ...extraSubresources(definition)]
}

function aggregatedList(registry: Registry, legacy: boolean, version: string): Document {
  const groups = groupNames(registry).filter((group) => (group === '') === legacy)
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata:
        group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versionsOf(registry, group).map((version) => ({
        version,
        resources: inGroupVersion(registry, group, version).map(aggregatedResource),
        freshness: 'Current',
      })),
    })),
  }
}

function aggregatedResource(definition: ResourceDefinition): Document {
  const { group, version, kind, plural, singular, namespaced, shortNames, categories } = definition
  const subresources = subresourcesOf(definition).map((one) => ({
    subresource: one.name,
    responseKind:
      one.kind === undefined
        ? { group, version, kind }
        : { group: one.group!, version: one.version!, kind: one.kind },
    verbs: [...one.verbs],
  }))
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...definition.verbs],
    ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
    ...(categories.length === 0 ? {} : { categories: [...categories] }),
    ...(subresources.length === 0 ? {} : { subresources }),
  }
}
