// What the chart renders to, with both Helms. To renew the golden files: UPDATE=1 node --import tsx test/run.ts install/chart
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { createAddressPolicy } from '../../lib/edge/net/address-policy.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import {
  bothHelms,
  chartFolder,
  chartObjects,
  helm,
  kitchenSink,
  readChartFile,
  renderChart,
} from '../helpers/helmchart.ts'
import { renderKustomization } from '../helpers/kustomize.ts'

const test = suite('the chart')

type Container = { name: string; args: string[]; ports: object; [field: string]: unknown }
type PodSpec = {
  containers: [Container, ...Container[]]
  initContainers?: Container[]
  terminationGracePeriodSeconds: number
  securityContext: object
  volumes: { name: string }[]
}
type Deployment = {
  selector: object
  strategy: object
  template: { metadata: { labels: object; annotations: Record<string, string> }; spec: PodSpec }
}

function deploymentOf(objects: KubeObject[]): Deployment {
  return objects.find(({ kind }) => kind === 'Deployment')!['spec'] as Deployment
}

function names(objects: KubeObject[]): string[] {
  return objects.map(
    ({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'} ${metadata.name}`,
  )
}

for (const major of bothHelms) {
  test(`helm ${major} lint finds nothing wrong, whatever the values`, async () => {
    const said = await helm(major, 'lint', '--strict', chartFolder)
    assert.match(said, '0 chart(s) failed')
    await helm(major, 'lint', '--strict', chartFolder, `--values=${kitchenSink}`)
  })

  for (const [name, ...args] of [
    ['default'],
    ['kitchensink', `--values=${kitchenSink}`, '--set=dashboards.enabled=false'],
  ] as const)
    test(`helm ${major} renders the golden file "${name}"`, async () => {
      const golden = new URL(`../fixtures/chart/${name}.rendered.yaml`, import.meta.url)
      const rendered = await renderChart(major, ...args)
      if (process.env['UPDATE']) await writeFile(golden, rendered)
      else assert.fixture(rendered, await readFile(golden, 'utf8'))
    })

  test(`helm ${major} package follows the links to the CRDs`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'chart-'))
    try {
      await helm(major, 'package', chartFolder, '--destination', directory)
      const [archive] = await readdir(directory)
      const shown = await helm(major, 'show', 'crds', join(directory, archive!))
      assert.match(shown, (await readChartFile('crds/helmreleases.helm.fluxcd.io.yaml')).trim())
    } finally {
      await rm(directory, { recursive: true })
    }
  })
}

test('its CRDs are the files that kustomize applies too', async () => {
  const crds = new URL('../../crds/', import.meta.url)
  const { resources } = parse(await readFile(new URL('kustomization.yaml', crds), 'utf8')) as {
    resources: string[]
  }
  assert.equal(await readdir(join(chartFolder, 'crds')), resources)
  for (const file of resources)
    assert.is(await readChartFile(`crds/${file}`), await readFile(new URL(file, crds), 'utf8'))
})

test('what other tools know of the old chart is as it was', async () => {
  const objects = await chartObjects('--set=git.ssh.known_hosts=host key')
  assert.equal(names(objects), [
    'ServiceAccount flux helm-operator',
    'Secret flux helm-operator-git-deploy',
    'ConfigMap flux helm-operator-ssh-config',
    'ClusterRole - helm-operator',
    'ClusterRoleBinding - helm-operator',
    'Service flux helm-operator',
    'Deployment flux helm-operator',
  ])
  const known = { app: 'helm-operator', release: 'helm-operator' }
  for (const { metadata } of objects) {
    const { chart, ...labels } = metadata.labels!
    assert.equal(labels, { ...known, heritage: 'Helm' })
    assert.match(chart!, /^helm-operator-\d/)
  }
  const { selector, strategy, template } = deploymentOf(objects)
  assert.equal(selector, { matchLabels: known })
  assert.equal(strategy, { type: 'Recreate' })
  assert.equal(template.metadata.labels, known)
  assert.equal(Object.keys(template.metadata.annotations), [
    'checksum/repositories',
    'checksum/ssh',
  ])
  const [{ name, ports }] = template.spec.containers
  assert.is(name, 'flux-helm-operator')
  assert.equal(ports, [{ name: 'http', containerPort: 3030 }])
})

test('the pod may do as little as the one of kustomize', async () => {
  const { spec } = deploymentOf(await chartObjects()).template
  const base = deploymentOf(await renderKustomization('kustomize/base')).template.spec
  assert.equal(spec.securityContext, base.securityContext)
  const [{ securityContext, volumeMounts, resources }] = spec.containers
  const [other] = base.containers
  assert.equal(securityContext, other.securityContext)
  assert.equal(volumeMounts, other.volumeMounts)
  assert.equal(resources, other.resources)
  assert.equal(
    spec.volumes.map(({ name }) => name),
    base.volumes.map(({ name }) => name),
  )
})

test('without a cluster role it may do nothing outside its namespace', async () => {
  const objects = await chartObjects('--set=clusterRole.create=false')
  assert.equal(
    names(objects).filter((name) => /Role/.test(name)),
    ['Role flux helm-operator', 'RoleBinding flux helm-operator'],
  )
})

test('without RBAC and service account, it uses what there is', async () => {
  const created = ['rbac.create', 'serviceAccount.create'].map((name) => `${name}=false`).join()
  const objects = await chartObjects(`--set=${created},serviceAccount.name=mine`)
  assert.equal(
    names(objects).filter((name) => /Role|ServiceAccount/.test(name)),
    [],
  )
  const { spec } = deploymentOf(objects).template
  assert.is((spec as { serviceAccountName?: string }).serviceAccountName, 'mine')
})

test('the dashboard goes where Grafana looks for it, as kustomize has it', async () => {
  const set = '--set=dashboards.enabled=true,dashboards.namespace=grafana'
  const found = (await chartObjects(set)).filter(({ metadata }) => metadata.namespace === 'grafana')
  assert.equal(names(found), ['ConfigMap grafana dashboard-helm-operator'])
  assert.is(found[0]!.metadata.labels?.['grafana_dashboard'], '1')
  const { 'helm-operator.json': text } = found[0]!['data'] as Record<string, string>
  assert.equal(JSON.parse(text!), JSON.parse(await readChartFile('dashboards/helm-operator.json')))
})

test('retired values change nothing', async () => {
  const retired = ['createCRD=true', 'tillerHost=tiller', 'tls.enable=true', 'rbac.pspEnabled=true']
  assert.is(await renderChart(4, `--set=${retired.join()}`), await renderChart(4))
})

for (const [what, said, ...args] of [
  ['a value that it does not know', /chartSyncInterval/, '--set=chartSyncInterval=1m'],
  ['a value of another type', /workers/, '--set=workers=many'],
  ['a word that is no version', /versions/, '--set=helm.versions=three'],
  ['a duration without a unit', /chartsSyncInterval/, '--set-string=chartsSyncInterval=3'],
  ['the old image', /--reset-then-reuse-values/, '--set=image.repository=fluxcd/helm-operator'],
] as const)
  test(`refuses ${what}, and says which`, async () => {
    for (const major of bothHelms)
      try {
        await renderChart(major, ...args)
        assert.unreachable('was accepted')
      } catch (error) {
        assert.match((error as Error).message, said)
      }
  })

test('a NetworkPolicy is made where it is asked for, and says what the one of kustomize says', async () => {
  type Policy = {
    ingress: { from?: object }[]
    egress: { to: { ipBlock: { cidr: string; except: string[] } }[] }[]
  }
  const policyOf = (objects: KubeObject[]): Policy =>
    objects.find(({ kind }) => kind === 'NetworkPolicy')?.['spec'] as Policy
  assert.is(policyOf(await chartObjects()), undefined)
  const ours = policyOf(await chartObjects('--set=networkPolicy.create=true'))
  const file = new URL(
    '../../kustomize/components/networkpolicy/networkpolicy.yaml',
    import.meta.url,
  )
  const { spec: theirs } = parse(await readFile(file, 'utf8')) as { spec: Policy }
  const chosen = { app: 'helm-operator', release: 'helm-operator' }
  assert.equal(ours, { ...theirs, podSelector: { matchLabels: chosen } })
  // What is kept from it are addresses that the operator refuses to ask by itself.
  const policy = createAddressPolicy({ allowed: [], isInCluster: false })
  const kept = ours.egress[0]!.to.flatMap(({ ipBlock }) => ipBlock.except)
  assert.is(kept.length, 7)
  for (const network of kept) assert.ok(policy.refusal(network.split('/')[0]!), network)
  const from = [{ podSelector: { matchLabels: { app: 'prometheus' } } }]
  const args = [
    '--set=networkPolicy.create=true',
    `--set-json=networkPolicy.from=${JSON.stringify(from)}`,
  ]
  assert.equal(policyOf(await chartObjects(...args)).ingress[0]!.from, from)
})

test.run()
