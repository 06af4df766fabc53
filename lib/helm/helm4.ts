// What Helm 4 calls things, and how it is made to let the chart win as Helm 3 does.
import type { Dialect } from './dialect.ts'

export const helm4: Dialect = {
  major: 4,
  wait: ['--wait=watcher'],
  apply({ force, method }) {
    // Replacing and server-side apply exclude each other.
    if (force) return ['--force-replace', '--server-side=false']
    // The default, as in Helm 3: server-side apply refuses lists that repeat a key, which charts have shipped for years.
    if (method === 'client') return ['--server-side=false']
    // Without it, an ordinary `kubectl scale` makes the next upgrade fail. It is an error on a client-side release, so it
    // goes only with an explicit choice.
    return ['--server-side=true', '--force-conflicts']
  },
  // crds/ is applied as everything else is.
  changesCrds: ({ force, method }) => !force && method === 'server',
  // Gone in Helm 4; a restart is a matter of the pod template.
  recreatePods: [],
}
