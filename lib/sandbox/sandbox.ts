// An in-memory Kubernetes API server: give it time and chance, get a function that answers requests.
import { aggregateRoles } from './auth/rbac/aggregate.ts'
import { layDefaultRoles } from './auth/rbac/bootstrap.ts'
import type { CertificateAuthority } from './auth/identity/certificate.ts'
import { createCredentials } from './auth/identity/credentials.ts'
import { fillTokenSecrets } from './auth/identity/token-secrets.ts'
import { administrator, anonymous } from './auth/identity/user.ts'
import { protectClaims } from './control/claims.ts'
import { serveCustomKinds } from './control/customs.ts'
import { collectGarbage } from './control/garbage.ts'
import { controlNamespaces } from './control/namespaces.ts'
import { warnOfError, type ReportError } from './failure.ts'
import { createHandler } from './handler.ts'
import { builtinDefinitions } from './kinds.ts'
import { createRegistry } from './registry.ts'
import { createApi } from './api.ts'
import { createStore } from './store.ts'
import type { Obj, SandboxApi, SandboxClock } from './types.ts'
import type { World } from './world.ts'

export type SandboxOptions = {
  clock: SandboxClock
  // 0 <= random() < 1
  random: () => number
  // How many changes of a resource are remembered for watches that resume and for pages that follow.
  window?: number
  // Is told of errors that no controller expected; the sandbox goes on.
  report?: ReportError
}

export interface Sandbox {
  // For callers on this machine: who sends no credential is the administrator.
  handle(request: Request): Promise<Response>
  // For HTTPS, where clients send their credentials: who sends none is anonymous.
  serve(request: Request): Promise<Response>
  // The administrator's bearer token.
  readonly adminToken: string
  // Who signs the certificates of its servers.
  readonly authority: CertificateAuthority
  readonly api: SandboxApi
  // Ends the server's own controllers; open watches end with the connections.
  stop(): void
}

/** A cluster with its default namespaces and nothing in them. */
export function createSandbox({
  clock,
  random,
  window = 1000,
  report = warnOfError,
}: SandboxOptions): Sandbox {
  const world: World = {
    store: createStore({ window, now: () => clock.now(), report }),
    registry: createRegistry(builtinDefinitions()),
    clock,
    random,
    credentials: createCredentials({ now: clock.now() }),
    report,
  }
  const api = createApi(world)
  layDefaultRoles(world)
  const stops = controllers.map((start) => start(world))
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  api.create('services', apiServer)
  for (const [name, value] of Object.entries(systemPriorities))
    api.create('priorityclasses.scheduling.k8s.io', {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
    })
  const handler = createHandler(world)
  return {
    handle: (request) => handler(request, administrator),
    serve: (request) => handler(request, anonymous),
    adminToken: world.credentials.adminToken,
    authority: world.credentials.authority,
    api,
    stop: () => stops.forEach((stop) => stop()),
  }
}

const controllers = [
  ...[controlNamespaces, collectGarbage, serveCustomKinds],
  ...[protectClaims, aggregateRoles, fillTokenSecrets],
]

const systemPriorities = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

// Where programs inside a cluster find its API server.
const apiServer: Obj = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    clusterIP: '10.96.0.1',
    ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
  },
}
