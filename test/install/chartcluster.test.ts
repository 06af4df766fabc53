// The chart on a cluster: it installs, and takes the place of the old operator's release with what that one made.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFolder } from '../helpers/helmchart.ts'
import { type Program, programsFor } from '../helpers/programs.ts'
import { withSandbox } from '../helpers/sandbox.ts'

const test = suite('the chart on a cluster')

type Programs = { helm: Program; helm3: Program; kubectl: Program; directory: string }

async function withCluster(major: 3 | 4, use: (programs: Programs) => Promise<void>) {
  await withSandbox({ workloads: { speed: 10 } }, async (running) => {
    const { kubectl, helm3, helm4 } = await programsFor(running)
    await kubectl(['create', 'namespace', 'flux'])
    const helm = major === 3 ? helm3 : helm4
    await use({ helm, helm3, kubectl, directory: running.directory })
  })
}

const release = ['helm-operator', chartFolder, '--namespace=flux'] as const

// What the chart of fluxcd/helm-operator made of its defaults, as far as an upgrade can stumble over it.
function oldObjects(): object[] {
  const known = { app: 'helm-operator', release: 'helm-operator' }
  const metadata = {
    name: 'helm-operator',
    labels: { ...known, chart: 'helm-operator-1.4.4', heritage: 'Helm' },
  }
  const group = 'rbac.authorization.k8s.io'
  const everything = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }
  const container = {
    name: 'flux-helm-operator',
    image: 'docker.io/fluxcd/helm-operator:1.4.4',
    args: ['--enabled-helm-versions=v3', '--tiller-namespace=kube-system'],
    ports: [{ name: 'http', containerPort: 3030 }],
    volumeMounts: [{ name: 'git-key', mountPath: '/etc/fluxd/ssh', readOnly: true }],
  }
  const key = { name: 'git-key', secret: { secretName: 'helm-operator-git-deploy' } }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'helm-operator-git-deploy' },
      type: 'Opaque',
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'helm-operator-kube-config' },
      data: { config: '' },
    },
    { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules: [everything] },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'helm-operator' },
      subjects: [{ kind: 'ServiceAccount', name: 'helm-operator', namespace: 'flux' }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: known, ports: [{ name: 'http', port: 3030, targetPort: 'http' }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: known },
        template: {
          metadata: { labels: known, annotations: { 'checksum/repositories': 'aa' } },
          spec: { serviceAccountName: 'helm-operator', volumes: [key], containers: [container] },
        },
      },
    },
  ]
}

async function writeOldChart(directory: string): Promise<string> {
  const folder = join(directory, 'old', 'helm-operator')
  await mkdir(join(folder, 'templates'), { recursive: true })
  await writeFile(
    join(folder, 'Chart.yaml'),
    'apiVersion: v1\nname: helm-operator\nversion: 1.4.4\n',
  )
  const documents = oldObjects().map((object) => JSON.stringify(object))
  await writeFile(join(folder, 'templates', 'all.yaml'), documents.join('\n---\n'))
  return folder
}

for (const major of [3, 4] as const) {
  test(`helm ${major} installs it, the CRD and a pod that becomes ready`, async () => {
    await withCluster(major, async ({ helm, kubectl }) => {
      await helm(['install', ...release])
      await kubectl(['rollout', 'status', 'deployment/helm-operator', '--namespace=flux'])
      const crd = await kubectl(['get', 'helmreleases.helm.fluxcd.io', '--namespace=flux'])
      assert.is(crd, '')
      const pods = await kubectl([
        'get',
        'pods',
        '--namespace=flux',
        '--selector=app=helm-operator',
      ])
      assert.match(pods, /1\/1 +Running/)
    })
  })

  test(`helm ${major} upgrades a release of the old chart, made by helm 3, to it in place`, async () => {
    await withCluster(major, async ({ helm, helm3, kubectl, directory }) => {
      const old = await writeOldChart(directory)
      await helm3(['install', 'helm-operator', old, '--namespace=flux'])
      const read = async (path: string): Promise<string> =>
        await kubectl([
          'get',
          'deployment/helm-operator',
          '--namespace=flux',
          `-o=jsonpath=${path}`,
        ])
      const uid = await read('{.metadata.uid}')
      const key = ['helm-operator-git-deploy', '--namespace=flux']
      await kubectl(['patch', 'secret', ...key, '-p', '{"stringData":{"identity":"mine"}}'])
      const retired = ['--set=tls.enable=true', '--set=tillerNamespace=tiller']
      const said = await helm(['upgrade', ...release, ...retired])
      for (const name of ['tls.enable', 'tillerNamespace']) assert.match(said, `  ${name}: `)
      assert.match(said, 'Helm never updates CRDs')
      assert.is(await read('{.metadata.uid}'), uid)
      assert.match(await read('{.spec.template.spec.containers[*].image}'), /^helm-operator:\S+$/)
      assert.ok(await kubectl(['get', 'secret', ...key, '-o=jsonpath={.data.identity}']))
    })
  })
}

test.run()
