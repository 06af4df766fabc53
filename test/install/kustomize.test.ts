// What `kubectl apply -k` would install: names that people know, and a pod that may do as little as it needs.
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../lib/app/config.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { kustomizations, renderKustomization } from '../helpers/kustomize.ts'

const test = suite('kustomize')

type Container = {
  args: string[]
  image: string
  imagePullPolicy: string
  ports: { name: string; containerPort: number }[]
  securityContext: object
  resources: { requests: object; limits: object }
  livenessProbe: { httpGet: object }
  readinessProbe: { httpGet: object }
  volumeMounts: { name: string; mountPath: string }[]
}
type PodSpec = {
  containers: [Container]
  securityContext: object
  terminationGracePeriodSeconds: number
  volumes: { name: string; emptyDir?: { sizeLimit?: string } }[]
}
type Deployment = {
  strategy: object
  selector: { matchLabels: object }
  template: { metadata: { labels: object; annotations: Record<string, string> }; spec: PodSpec }
}

function find(objects: KubeObject[], kind: string): KubeObject[] {
  return objects.filter((object) => object.kind === kind)
}

function deploymentOf(objects: KubeObject[]): Deployment {
  return find(objects, 'Deployment')[0]!['spec'] as Deployment
}

function names(objects: KubeObject[]): string[] {
  return objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'} ${metadata.name}`,
  )
}

test('base installs under the names of the operator it replaces', async () => {
  assert.equal(names(await renderKustomization('kustomize/base')), [
    'Namespace - flux',
    'CustomResourceDefinition - helmreleases.helm.fluxcd.io',
    'ServiceAccount flux helm-operator',
    'ClusterRole - helm-operator',
    'ClusterRoleBinding - helm-operator',
    'Deployment flux helm-operator',
  ])
})

test('the selector, which cannot be changed later, is the one of the operator it replaces', async () => {
  const { selector, strategy, template } = deploymentOf(await renderKustomization('kustomize/base'))
  assert.equal(selector.matchLabels, { name: 'helm-operator' })
  assert.equal(strategy, { type: 'Recreate' })
  assert.is(template.metadata.annotations['prometheus.io/scrape'], 'true')
})

test('namespaced grants nothing outside its namespace and watches nothing outside either', async () => {
  const objects = await renderKustomization('kustomize/overlays/namespaced')
  assert.equal(find(objects, 'ClusterRole').concat(find(objects, 'ClusterRoleBinding')), [])
  assert.equal(names(find(objects, 'Role').concat(find(objects, 'RoleBinding'))), [
    'Role flux helm-operator',
    'RoleBinding flux helm-operator',
  ])
  const { args } = deploymentOf(objects).template.spec.containers[0]
  assert.ok(args.includes('--allow-namespace=$(POD_NAMESPACE)'))
})

test('least-privilege lets the operator act as others and read no Secret as itself', async () => {
  const objects = await renderKustomization('kustomize/overlays/least-privilege')
  const [role] = find(objects, 'ClusterRole') as unknown as [
    { rules: { resources: string[]; verbs: string[] }[] },
  ]
  assert.equal(
    role.rules.map(({ resources, verbs }) => `${resources.join()}: ${verbs.join()}`),
    [
      'helmreleases: get,list,watch,patch',
      'helmreleases/status: patch',
      'events: create,patch',
      'namespaces: list,watch',
      'customresourcedefinitions: list,watch',
      'serviceaccounts: get,impersonate',
    ],
  )
  const { args } = deploymentOf(objects).template.spec.containers[0]
  assert.is(readConfig(args, {}).tenancy.defaultServiceAccount, 'helm-release')
})

test('kind takes the image that was built here and never pulls', async () => {
  const objects = await renderKustomization('kustomize/overlays/kind')
  const { image, imagePullPolicy, args } = deploymentOf(objects).template.spec.containers[0]
  assert.equal([image, imagePullPolicy], ['helm-operator:dev', 'Never'])
  assert.is(readConfig(args, {}).syncIntervalMs, 30_000)
})

test('the image of base has the version of the package', async () => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  const { image } = deploymentOf(await renderKustomization('kustomize/base')).template.spec
    .containers[0]
  assert.is(image, `helm-operator:${version}`)
})

for (const folder of kustomizations) {
  test(`${folder}: the pod is refused nothing by the "restricted" standard`, async () => {
    const { spec } = deploymentOf(await renderKustomization(folder)).template
    assert.equal(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    })
    assert.equal(spec.containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  test(`${folder}: all that can be written is bounded, and memory too`, async () => {
    const { volumes, containers } = deploymentOf(await renderKustomization(folder)).template.spec
    const writable = containers[0].volumeMounts.map(({ name, mountPath }) => {
      const limit = volumes.find((volume) => volume.name === name)?.emptyDir?.sizeLimit
      return `${mountPath} ${limit ?? 'read-only'}`
    })
    assert.equal(writable, [
      '/root 512Mi',
      '/var/cache/helm-operator 2Gi',
      '/tmp 1Gi',
      '/etc/fluxd/ssh read-only',
    ])
    assert.ok('memory' in containers[0].resources.limits)
  })

  test(`${folder}: every argument is a flag of ours, and helm gets its time to end`, async () => {
    const { spec } = deploymentOf(await renderKustomization(folder)).template
    const { args, volumeMounts, ports, ...container } = spec.containers[0]
    const config = readConfig(args, {})
    assert.ok(config.shutdownMs < spec.terminationGracePeriodSeconds * 1_000)
    assert.ok(volumeMounts.some(({ mountPath }) => mountPath === config.cacheDir))
    assert.equal(ports, [{ name: 'http', containerPort: config.listen.port }])
    assert.equal(container.livenessProbe.httpGet, { path: '/healthz', port: 'http' })
    assert.equal(container.readinessProbe.httpGet, { path: '/readyz', port: 'http' })
  })
}

test.run()
