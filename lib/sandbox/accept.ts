// In which shape does a client want its answer? The Accept header, negotiated as a Kubernetes server does it.
import { StatusError } from './types.ts'

export type View = {
  format: 'json' | 'yaml'
  // The kind the answer is turned into: Table, PartialObjectMetadata(List), APIGroupDiscoveryList; absent for the object itself.
  as?: string
  group?: string
  version?: string
}

const formats: Record<string, View['format']> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
}

/** The first acceptable view; throws StatusError 406 when there is none. */
export function negotiate(accept: string | null, kinds: readonly string[]): View {
  if (accept === null || accept.trim() === '') return { format: 'json' }
  for (const range of ranges(accept)) {
    const format = formats[range.type]
    const { as, g, v } = range.parameters
    if (format === undefined || (as !== undefined && !kinds.includes(as))) continue
    return {
      format,
      ...(as === undefined ? {} : { as }),
      ...(g === undefined ? {} : { group: g }),
      ...(v === undefined ? {} : { version: v }),
    }
  }
  const message =
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'
  throw new StatusError(406, 'NotAcceptable', message)
}

type Range = { type: string; quality: number; parameters: Record<string, string> }

function ranges(accept: string): Range[] {
  const list = accept.split(',').map((range) => {
    const [type = '', ...rest] = range.split(';').map((part) => part.trim())
    const parameters = Object.fromEntries(
      rest.map((part) => {
        const [name = '', value = ''] = part.split('=')
        return [name.trim(), value.trim().replace(/^"|"$/g, '')]
      }),
    )
    return { type: type.toLowerCase(), quality: Number(parameters['q'] ?? 1), parameters }
  })
  // The sort is stable: among equals, the client's own order decides.
  return list.sort((left, right) => right.quality - left.quality)
}
