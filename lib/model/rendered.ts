// What a chart and its values make, before anything of it is in the cluster.
import type { KubeObject } from './json.ts'

export type RenderedObject = {
  // Its name is missing where the API server is to generate it, its namespace where the manifest names none.
  object: KubeObject
  // Is it applied with the release, created by itself at some moment, or a CRD of crds/?
  part: 'manifest' | 'hook' | 'crds'
}

export type Rendered = {
  objects: readonly RenderedObject[]
  // What could not be rendered as helm will do it, and why.
  notes: readonly string[]
}
