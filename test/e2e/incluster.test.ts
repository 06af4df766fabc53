// The operator as it runs in a pod: HTTPS, the token of its service account, the rights that its manifests give it. The title
// says how it was told of these: by the files that every pod has, or by a kubeconfig that names them.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../lib/app/config.ts'
import { runOperator } from '../../lib/app/run.ts'
import { startSandbox } from '../../lib/app/sandbox.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { withRepository } from '../helpers/charts.ts'
import {
  fillDirectory,
  fillFixedPlace,
  isFixedPlaceFree,
  type AccountFiles,
} from '../helpers/in-cluster.ts'
import { conditionOf } from '../helpers/operator.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('the operator in a cluster')
const isFixed = isFixedPlaceFree()
const how = isFixed ? 'the files of a pod' : "a kubeconfig that names a pod's files"
const root = fileURLToPath(new URL('../..', import.meta.url))

type Env = Readonly<Record<string, string | undefined>>
type Pod = { env: Env; flags: string[]; leave(): void }
type InCluster = {
  // The administrator's.
  kubectl(args: string[], stdin?: string): Promise<string>
  // With which the operator, or another program, is the service account flux/helm-operator.
  pod: Pod
  directory: string
  read(name: string): ReturnType<typeof conditionOf>
}

// The charts of the test are on loopback, which is not asked from within a pod.
function flagsOf(directory: string): string[] {
  return [
    '--listen=127.0.0.1:0',
    '--allow-address=127.0.0.0/8',
    `--cache-dir=${join(directory, 'cache')}`,
  ]
}

async function withCluster(use: (cluster: InCluster) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'in-cluster-'))
  const kubeconfig = join(directory, 'admin.kubeconfig')
  const sandbox = await startSandbox({ port: 0, tls: true, kubeconfig })
  const program = (await testBinaries()).kubectl
  const run = createRunner({ env: { ...process.env, KUBECONFIG: kubeconfig } })
  const kubectl = async (args: string[], stdin?: string): Promise<string> =>
    (await run([program, ...args], stdin === undefined ? {} : { stdin })).stdout
  try {
    await kubectl(['apply', '-k', join(root, 'crds')])
    for (const file of ['namespace.yaml', 'rbac.yaml'])
      await kubectl(['apply', '-f', join(root, 'kustomize/base', file)])
    const token = await kubectl(['create', 'token', 'helm-operator', '--namespace=flux'])
    const path = 'jsonpath={.data.ca\\.crt}'
    const map = ['get', 'configmap', 'kube-root-ca.crt', '--namespace=flux', '-o', path]
    const files = { token: token.trim(), authority: await kubectl(map), namespace: 'flux' }
    const read = (name: string): ReturnType<typeof conditionOf> =>
      conditionOf(sandbox.api.get('helmreleases.helm.fluxcd.io', 'default', name), 'Released')
    const pod = await becomePod(directory, files, sandbox.url)
    try {
      await use({ kubectl, pod, directory, read })
    } finally {
      pod.leave()
    }
  } finally {
    await sandbox.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

async function becomePod(directory: string, files: AccountFiles, url: string): Promise<Pod> {
  const home = join(directory, 'home')
  await mkdir(home)
  const { KUBECONFIG: _, ...rest } = process.env
  const env: Env = { ...rest, HOME: home }
  if (!isFixed)
    return {
      env,
      flags: [`--kubeconfig=${fillDirectory(directory, files, url)}`],
      leave: () => undefined,
    }
  const leave = await until('nobody else plays a pod', () => fillFixedPlace(files))
  const { hostname, port } = new URL(url)
  return {
    env: { ...env, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    flags: [],
    leave,
  }
}

test(`kubectl is the pod's service account by ${how}`, () =>
  withCluster(async ({ pod }) => {
    const run = createRunner({ env: pod.env })
    const { kubectl } = await testBinaries()
    const { stdout } = await run([kubectl, 'auth', 'whoami', ...pod.flags])
    assert.match(stdout, /Username\s+system:serviceaccount:flux:helm-operator\n/)
  }))

test(`the operator installs with its manifests' rights by ${how}, and is refused without`, () =>
  withCluster(async ({ kubectl, pod, directory, read }) => {
    await withRepository(join(directory, 'charts'), ['web 1.0.0'], async ({ url }) => {
      const ended = new AbortController()
      const lines: string[] = []
      const flags = flagsOf(directory)
      const running = runOperator(readConfig([...flags, ...pod.flags], {}), {
        ...{ env: pod.env, signal: ended.signal },
        write: (line) => lines.push(line),
      })
      try {
        const chart = { repository: url, name: 'web', version: '1.0.0' }
        const apply = (values: object): Promise<string> =>
          kubectl(['apply', '-f', '-'], helmReleaseYaml('web', { chart, values }))
        await apply({})
        await until('the release is installed', () => read('web')?.status === 'True')
        const list = ['get', 'secrets', '-l', 'owner=helm', '-o', 'name']
        assert.is((await kubectl(list)).trim(), 'secret/sh.helm.release.v1.default-web.v1')
        await kubectl(['delete', 'clusterrolebinding', 'helm-operator'])
        await apply({ changed: true })
        const refused =
          /service account \\"helm-operator\\" in namespace \\"flux\\" may not .* code=Forbidden/
        await until('the operator is told no', () => lines.some((line) => refused.test(line)))
        assert.is((await kubectl(list)).trim(), 'secret/sh.helm.release.v1.default-web.v1')
      } finally {
        ended.abort()
        await running
      }
    })
  }))

test(`helm acts as the service account of the HelmRelease, and not as the pod's, by ${how}`, () =>
  withCluster(async ({ kubectl, pod, directory, read }) => {
    await withRepository(join(directory, 'charts'), ['web 1.0.0'], async ({ url }) => {
      const ended = new AbortController()
      const flags = flagsOf(directory)
      const running = runOperator(readConfig([...flags, ...pod.flags], {}), {
        ...{ env: pod.env, signal: ended.signal, write: () => undefined },
      })
      try {
        // It may keep releases, but not make what the chart makes; the operator's own account may do everything.
        await kubectl(['create', 'serviceaccount', 'keeper'])
        await kubectl(['create', 'role', 'keeper', '--verb=*', '--resource=secrets'])
        const subject = '--serviceaccount=default:keeper'
        await kubectl(['create', 'rolebinding', 'keeper', '--role=keeper', subject])
        const chart = { repository: url, name: 'web', version: '1.0.0' }
        const spec = { chart, serviceAccountName: 'keeper' }
        await kubectl(['apply', '-f', '-'], helmReleaseYaml('web', spec))
        const message = await until('helm is told no', () => {
          const released = read('web')
          return released?.status === 'False' && released.message
        })
        assert.match(
          message,
          /^Cannot install .*: service account "keeper" in namespace "default" may not \w+ configmaps in/,
        )
      } finally {
        ended.abort()
        await running
      }
    })
  }))

test.run()
