// Writes that the API server judges and does not make. https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
import type { DryRun, ResourceType } from '../model/ports.ts'
import type { ApiClient } from './client.ts'
import type { ApiRequest } from './exchange.ts'
import { resourceName, resourcePath, type Query } from './paths.ts'

// As Helm would write it, so that admission and field ownership judge the same request.
const asHelm: Query = { dryRun: 'All', fieldManager: 'helm' }

/** Throws the ApiError that the write itself would meet, as far as the API server can tell beforehand. */
export async function dryRun(
  client: ApiClient,
  type: ResourceType,
  write: DryRun,
  signal: AbortSignal,
): Promise<void> {
  await client.request({ ...requestOf(type, write), about: describe(type, write), signal })
}

function requestOf(type: ResourceType, write: DryRun): Pick<ApiRequest, 'verb' | 'path' | 'body'> {
  if (write.verb === 'patch') {
    const { name, namespace, body } = write
    const path = resourcePath(type, place(namespace, name), asHelm)
    return { verb: 'patch', path, body, ...mergePatch }
  }
  const { object } = write
  const { name, namespace } = object.metadata
  switch (write.verb) {
    case 'create':
      return { verb: 'create', path: resourcePath(type, place(namespace), asHelm), body: object }
    case 'update': {
      const path = resourcePath(type, place(namespace, name), asHelm)
      return { verb: 'update', path, body: object }
    }
    case 'apply': {
      // What Helm 4 sends: fields that others own become the chart's.
      const query = { ...asHelm, fieldValidation: 'Strict', force: true }
      const path = resourcePath(type, place(namespace, name), query)
      return { verb: 'patch', path, body: object, ...serverSideApply }
    }
  }
}

const mergePatch = { contentType: 'application/merge-patch+json' }
// JSON is YAML.
const serverSideApply = { contentType: 'application/apply-patch+yaml' }

function place(namespace?: string, name?: string): { namespace?: string; name?: string } {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
}

function describe(type: ResourceType, write: DryRun): string {
  const { name = '', namespace } = write.verb === 'patch' ? write : write.object.metadata
  return `${resourceName(type)} "${namespace === undefined ? '' : `${namespace}/`}${name}"`
}
