// A custom kind for one case: its definition, waited for, and taken away afterwards.
import { condition, type Scope } from './scope.ts'

export type Widgets = {
  crd: unknown
  crdPath: string
  group: string
  widgets(name?: string): string
  widget(name: string, spec: object): object
}

/** Serves widgets in a group of the case's own while `use` runs; more versions share the first one's schema, more groups its name. */
export async function withWidgets(
  scope: Scope,
  use: (widgets: Widgets) => Promise<void>,
  { moreVersions = [], prefix = '', spec }: WidgetOptions = {},
): Promise<void> {
  const group = `${prefix}${scope.namespace}.example.test`
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const crdPath = `${crds}/widgets.${group}`
  await scope.post(crds, definition(group, moreVersions, spec))
  try {
    const crd = await scope.waitFor(
      crdPath,
      (found) => condition(found, 'Established')?.startsWith('True') === true,
    )
    const widgets = (name?: string): string => scope.path('widgets', name, `${group}/v1`)
    // A real server says Established a moment before it serves every request.
    await scope.waitFor(widgets(), () => true)
    await use({
      crd,
      crdPath,
      group,
      widgets,
      widget: (name, spec) => ({
        apiVersion: `${group}/v1`,
        kind: 'Widget',
        metadata: { name },
        spec,
      }),
    })
  } finally {
    await scope.client.request('DELETE', crdPath)
  }
}

type WidgetOptions = {
  moreVersions?: readonly object[]
  prefix?: string
  // The schema of spec, where it is not to be that of widgets.
  spec?: object | undefined
}

function definition(group: string, moreVersions: readonly object[], spec?: object): object {
  const version = {
    schema: { openAPIV3Schema: spec === undefined ? schema : schemaOf(spec) },
    subresources: { status: {} },
    additionalPrinterColumns: [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
      { name: 'Part', type: 'string', jsonPath: '.spec.parts[*].name', priority: 1 },
      { name: 'Missing', type: 'string', jsonPath: '.spec.nested.none' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
      versions: [
        { name: 'v1', served: true, storage: true, ...version },
        ...moreVersions.map((one) => ({ ...version, ...one })),
      ],
    },
  }
}

/** A root schema with this spec and any status. */
export function schemaOf(spec: object): object {
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return { type: 'object', properties: { spec, status } }
}

const part = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } },
}

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        mode: { type: 'string', enum: ['fast', 'slow'], default: 'fast' },
        code: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        when: { type: 'string', format: 'date-time' },
        note: { type: 'string', nullable: true },
        port: { 'x-kubernetes-int-or-string': true },
        values: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        nested: { type: 'object', properties: { on: { type: 'boolean', default: true } } },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: part,
        },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
}
