// What Helm 3 calls things.
import type { Dialect } from './dialect.ts'

export const helm3: Dialect = {
  major: 3,
  wait: ['--wait'],
  // Helm 3 merges client-side three ways, so that the chart's fields win; replacing is its only alternative.
  apply: ({ force }) => (force ? ['--force'] : []),
  changesCrds: () => false,
  recreatePods: ['--recreate-pods'],
}
