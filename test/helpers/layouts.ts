// How charts take their images, as the image automation of Flux v1 recognises it in values: every layout, at the top and in
// a section of its own, and every combination of annotations that name a place elsewhere. The tags are strings that
// somebody careless would take for numbers, times or booleans.

export type Layout = {
  title: string
  annotations?: Readonly<Record<string, string>>
  // spec.values as people write them.
  values: string
  // What an automation replaces in it, wherever it stands.
  edit: readonly [from: string, to: string]
}

const policies = {
  'fluxcd.io/automated': 'true',
  'filter.fluxcd.io/chart-image': 'semver:~1.10',
  'fluxcd.io/tag.sidecar': 'glob:v*',
  'flux.weave.works/locked_msg': 'kept: by hand # until Monday',
}
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

export const layouts: readonly Layout[] = [
  {
    title: 'image holds all',
    annotations: policies,
    values: `
# The one that everybody uses.
image: ghcr.io/example/app:1.10
sidecar: { image: "proxy:1.10", order: 0 }
`,
    edit: [':1.10', ':1.20'],
  },
  {
    title: 'image and tag',
    values: `
image: example/app
tag: "1.10"
sidecar:
  tag: '1.10'
  image: proxy
`,
    edit: ['1.10', '1e3'],
  },
  {
    title: 'registry, image and tag',
    values: `
registry: localhost:5000
image: example/app
tag: "0x10"
sidecar: { registry: ghcr.io, image: example/proxy, tag: "0x10" }
`,
    edit: ['0x10', '0010'],
  },
  {
    title: 'registry, and image with its tag',
    values: `
registry: ghcr.io
image: example/app:20201231235959
sidecar: { registry: ghcr.io, image: 'example/proxy:20201231235959' }
`,
    edit: ['20201231235959', '20210101000000'],
  },
  {
    title: 'image.repository holds all',
    values: `
image:
  repository: ghcr.io/example/app:2020-12-31
  pullPolicy: IfNotPresent
sidecar: { image: { repository: "proxy:2020-12-31" } }
`,
    edit: ['2020-12-31', '2021-01-01'],
  },
  {
    title: 'image.repository and image.tag',
    values: `
image: { repository: ghcr.io/example/app, tag: "1_000" }
sidecar:
  image:
    tag: "1_000"
    repository: proxy
`,
    edit: ['1_000', 'true'],
  },
  {
    title: 'image.registry, image.repository and image.tag',
    values: `
image: { registry: ghcr.io, repository: example/app, tag: "null" }
sidecar: { image: { registry: ghcr.io, repository: example/proxy, tag: "null" } }
`,
    edit: ['"null"', '"~"'],
  },
  {
    title: 'image.registry, and image.repository with its tag',
    values: `
image: { registry: ghcr.io, repository: example/app:0.50 }
sidecar: { image: { registry: ghcr.io, repository: 'example/proxy:0.50' } }
`,
    edit: [':0.50', ':5e2'],
  },
  {
    title: 'an alias for the repository',
    annotations: { ...policies, 'repository.fluxcd.io/app': 'deep.down.container.image' },
    values: `deep: { down: { container: { image: "example/app:12.30" } } }`,
    edit: ['12.30', `12.40@${digest}`],
  },
  {
    title: 'aliases for repository and tag',
    annotations: {
      'repository.fluxcd.io/app': 'app.source',
      'tag.fluxcd.io/app': 'app.version',
      'filter.fluxcd.io/app': 'regexp:^[0-9]+$',
    },
    values: `app: { source: ghcr.io/example/app, version: "99999999999999999999" }`,
    edit: ['99999999999999999999', '100000000000000000000'],
  },
  {
    title: 'aliases for registry and repository',
    annotations: {
      'registry.fluxcd.io/app': 'global.registry',
      'repository.fluxcd.io/app': 'app.image.name',
    },
    values: `
global: { registry: ghcr.io }
app: { image: { name: "example/app:0o7" } }
`,
    edit: [':0o7', ':010'],
  },
  {
    title: 'aliases for all three',
    annotations: {
      'registry.fluxcd.io/app': 'app.registry',
      'repository.fluxcd.io/app': 'app.name',
      'tag.fluxcd.io/app': 'app.tag',
    },
    values: `app: { registry: ghcr.io, name: example/app, tag: "yes" }`,
    edit: ['"yes"', '"no"'],
  },
  {
    title: 'a tag without quotes, which is a number',
    values: `image: { repository: ghcr.io/example/app, tag: 1.10 }`,
    edit: ['1.10', '2'],
  },
]
