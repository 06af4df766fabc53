// The whole operator with no more rights than a kustomization grants it: as its own service account, on a sandbox of its own or on
// the cluster that TEST_KUBECONFIG names. The test itself is the administrator.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { readConfig } from '../../lib/app/config.ts'
import { runOperator } from '../../lib/app/run.ts'
import { startSandbox } from '../../lib/app/sandbox.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { testBinaries } from './binaries.ts'
import { deadlineMs } from './deadline.ts'
import { renderKustomization } from './kustomize.ts'
import { conditionOf } from './operator.ts'

export type ConfinedOperator = {
  // Of the administrator; both answer with stdout, and throw with stderr as the message.
  kubectl(...args: string[]): Promise<string>
  helm(...args: string[]): Promise<string>
  apply(...objects: object[]): Promise<void>
  // A new namespace with a name of its own.
  namespace(name: string): Promise<string>
  // Creates HelmRelease "web", or replaces its spec.
  release(namespace: string, spec: object): Promise<void>
  // Waits until Ready of "web" has this status for its newest generation; answers with its message.
  ready(namespace: string, status: 'True' | 'False'): Promise<string>
  // "3 deployed", newest first.
  history(namespace: string, release: string): Promise<string[]>
  log(): string
}

const kind = 'helmreleases.helm.fluxcd.io'

type Admin = Pick<ConfinedOperator, 'kubectl' | 'helm' | 'apply'>

/** Runs `use` with the operator at work as the overlay has it, whose flags and rights it gets. */
export async function withConfined<T>(
  overlay: string,
  use: (operator: ConfinedOperator) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'confined-'))
  const closers: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true })]
  const lines: string[] = []
  try {
    const cluster = await openCluster(directory, closers)
    const flags = await install(overlay, cluster.admin, closers)
    const kubeconfig = await cluster.kubeconfigFor('helm-operator')
    startOperator({ directory, kubeconfig, flags, lines, closers })
    return await use(confined(cluster.admin, lines, closers))
  } catch (error) {
    process.stdout.write(`--- the operator's log\n${lines.slice(-40).join('')}---\n`)
    throw error
  } finally {
    for (const close of closers.reverse()) await close().catch(() => undefined)
  }
}

type Closers = (() => Promise<unknown>)[]
type Cluster = { admin: Admin; kubeconfigFor(account: string): Promise<string> }

async function openCluster(directory: string, closers: Closers): Promise<Cluster> {
  const real = process.env.TEST_KUBECONFIG
  const kubeconfig = real ?? join(directory, 'kubeconfig')
  if (real === undefined) {
    const sandbox = await startSandbox({ port: 0, kubeconfig, tls: true })
    closers.push(() => sandbox.stop())
  }
  const admin = await administrator(kubeconfig, directory)
  return {
    admin,
    kubeconfigFor: async (account) => {
      const token = await admin.kubectl('create', 'token', account, '--namespace=flux')
      const view = ['config', 'view', '--raw', '--minify', '--flatten', '--output=json']
      const config = JSON.parse(await admin.kubectl(...view)) as { users: { user: object }[] }
      for (const one of config.users) one.user = { token: token.trim() }
      const file = join(directory, `${account}.kubeconfig`)
      await writeFile(file, JSON.stringify(config), { mode: 0o600 })
      return file
    },
  }
}

async function administrator(kubeconfig: string, directory: string): Promise<Admin> {
  const { kubectl, helm4 } = await testBinaries()
  const env = { ...process.env, KUBECONFIG: kubeconfig, HELM_CACHE_HOME: join(directory, 'helm') }
  const run = createRunner({ env })
  const program =
    (path: string, stdin?: string) =>
    async (...args: string[]): Promise<string> => {
      try {
        return (await run([path, ...args], stdin === undefined ? {} : { stdin })).stdout
      } catch (error) {
        throw new Error((error as { stderr?: string }).stderr || String(error), { cause: error })
      }
    }
  return {
    kubectl: program(kubectl),
    helm: program(helm4),
    apply: async (...objects) => {
      const text = objects.map((object) => JSON.stringify(object)).join('\n---\n')
      const args = ['apply', '--server-side', '--force-conflicts', '-f', '-']
      await program(kubectl, text)(...args)
    },
  }
}

// Everything but the Deployment, whose part this process plays; the answer is what it would be started with.
async function install(overlay: string, admin: Admin, closers: Closers): Promise<string[]> {
  const objects = await renderKustomization(overlay)
  const isRight = ({ kind }: KubeObject) => /Role|ServiceAccount/.test(kind)
  const first = ['Namespace', 'CustomResourceDefinition']
  await admin.apply(...objects.filter(({ kind }) => first.includes(kind)))
  await admin.kubectl('wait', '--for=condition=established', 'crd', '--all', '--timeout=30s')
  const rights = objects.filter(isRight)
  await admin.apply(...rights)
  for (const { kind, metadata } of rights)
    closers.push(() => admin.kubectl('delete', kind, metadata.name, '--namespace=flux'))
  const { template } = objects.find(({ kind }) => kind === 'Deployment')!['spec'] as {
    template: { spec: { containers: [{ args: string[] }] } }
  }
  const own = /^--(?:cache-dir|charts-sync-interval)=/
  return template.spec.containers[0].args
    .filter((arg) => !own.test(arg))
    .map((arg) => arg.replace('$(POD_NAMESPACE)', 'flux'))
}

function startOperator(parts: {
  directory: string
  kubeconfig: string
  flags: readonly string[]
  lines: string[]
  closers: Closers
}): void {
  const { directory, kubeconfig, flags, lines, closers } = parts
  const abort = new AbortController()
  const own = [
    ...[`--kubeconfig=${kubeconfig}`, `--cache-dir=${join(directory, 'cache')}`],
    // What is noticed is noticed by watches.
    ...['--charts-sync-interval=1h', '--listen=127.0.0.1:0'],
  ]
  const ended = runOperator(readConfig([...own, ...flags], {}), {
    env: process.env,
    signal: abort.signal,
    write: (line) => lines.push(line),
  })
  closers.push(async () => {
    abort.abort()
    await ended
  })
}

function confined(admin: Admin, lines: readonly string[], closers: Closers): ConfinedOperator {
  const { kubectl, helm, apply } = admin
  const read = async (namespace: string): Promise<KubeObject> =>
    JSON.parse(
      await kubectl('get', kind, 'web', '--output=json', `--namespace=${namespace}`),
    ) as KubeObject
  return {
    ...admin,
    namespace: async (name) => {
      const unique = `${name}-${randomBytes(3).toString('hex')}`
      await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: unique } })
      closers.push(() => kubectl('delete', 'namespace', unique, '--wait=false'))
      return unique
    },
    release: async (namespace, spec) => {
      const metadata = { name: 'web', namespace }
      await apply({ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', metadata, spec })
    },
    // One kubectl that watches, where asking again and again would take the machine from the operator.
    ready: async (namespace, status) => {
      const timeout = `--timeout=${Math.ceil(deadlineMs(20_000) / 1_000)}s`
      const condition = `--for=condition=Ready=${status}`
      await kubectl('wait', `${kind}/web`, condition, timeout, `--namespace=${namespace}`)
      return conditionOf(await read(namespace), 'Ready')?.message ?? ''
    },
    history: async (namespace, release) => {
      const text = await helm('history', release, '--namespace', namespace, '--output=json')
      const rows = JSON.parse(text) as { revision: number; status: string }[]
      return rows.reverse().map(({ revision, status }) => `${revision} ${status}`)
    },
    log: () => lines.join(''),
  }
}

/** A service account and a binding of a ClusterRole to it, in one namespace. */
export function accountWith(
  clusterRole: string,
  namespace: string,
  name = 'helm-release',
): object[] {
  const rbac = 'rbac.authorization.k8s.io'
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: clusterRole },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ]
}
