// Installs and upgrades that are applied server-side, and the crds/ of their charts, with real helms.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMissingCrds } from '../../lib/loop/crds.ts'
import { depsAs } from '../../lib/loop/deps.ts'
import { configMap, deployment } from '../helpers/chart.ts'
import { definition, descriptionOf, ownersOf } from '../helpers/definitions.ts'
import { withLoop, type LoopBench } from '../helpers/loop.ts'
import { helmRelease } from '../helpers/release.ts'

const test = suite('server-side apply')

const onServer = { releaseName: 'web', install: { serverSideApply: true } }
const onClient = { releaseName: 'web' }
const gadget = 'apiVersion: example.com/v1\nkind: Gadget\nmetadata: { name: one }\n'
const chart = {
  'templates/config.yaml': configMap,
  'templates/gadget.yaml': gadget,
  'crds/all.yaml': `${definition('widget')}---\n${definition('gadget')}`,
}
const ownName = 'helmreleases.helm.fluxcd.io'
const ownDefinition = definition('helmrelease', { group: 'helm.fluxcd.io' }).replaceAll(
  'Helmrelease',
  'HelmRelease',
)
const roles = {
  ...{ group: 'rbac.authorization.k8s.io', version: 'v1' },
  ...{ plural: 'roles', namespaced: true },
}
const crds = ['widgets.example.com', 'gadgets.example.com']

// CRDs belong to no namespace, so that what one test leaves would be found by the next.
function onLoop(
  title: string,
  files: Readonly<Record<string, string>>,
  body: (bench: LoopBench) => Promise<void>,
  major: 3 | 4 = 4,
): void {
  test(title, () =>
    withLoop({ chart: files, major }, async (bench) => {
      try {
        await body(bench)
      } finally {
        await bench.kubectl('delete', 'crd', '--ignore-not-found', ...crds)
      }
    }),
  )
}

async function makeNewer(bench: LoopBench): Promise<void> {
  const file = join(bench.directory, 'newer.yaml')
  await writeFile(file, definition('widget', { says: 'newer' }))
  await bench.kubectl('create', '-f', file)
}

function described(bench: LoopBench): Promise<string[]> {
  return Promise.all(crds.map((name) => descriptionOf(bench, name)))
}

async function revisions({ storage, namespace }: LoopBench): Promise<string[]> {
  const history = await storage.history(namespace, 'web')
  return history.map(({ revision, status }) => `${revision} ${status}`)
}

async function gadgetsOf({ cluster, namespace }: LoopBench): Promise<string[]> {
  const type = { group: 'example.com', version: 'v1', plural: 'gadgets', namespaced: true }
  const { items } = await cluster.list(type, { namespace })
  return items.map(({ metadata }) => metadata.name).sort()
}

function deployed({ settled, deps, key }: LoopBench): Promise<unknown> {
  return settled(
    'it is deployed',
    ({ phase, observedGeneration }) =>
      phase === 'Succeeded' && observedGeneration === deps.cache.get(key)?.metadata.generation,
  )
}

function failed(bench: LoopBench): Promise<string> {
  return bench
    .settled('it has failed', ({ lastAttempt }) => lastAttempt?.failedAt !== undefined)
    .then(({ conditions }) => conditions.find(({ type }) => type === 'Ready')?.message ?? '')
}

for (const [how, spec, owners] of [
  ['server-side if the spec says so', onServer, ['helm Apply']],
  ['client-side without a word', onClient, ['helm Update']],
] as const) {
  onLoop(`a first install is applied ${how}, and what follows too`, chart, async (bench) => {
    await bench.write(spec)
    await deployed(bench)
    assert.equal(await ownersOf(bench, 'configmap', 'web'), owners)
    await bench.write({ ...spec, values: { data: { a: '1' } } })
    await bench.settled('it is upgraded', ({ history }) => history[0]?.revision === 2)
    await deployed(bench)
    assert.equal(await ownersOf(bench, 'configmap', 'web'), owners)
  })

  onLoop(
    `an install ${how} leaves a CRD that is there, and creates what is missing`,
    chart,
    async (bench) => {
      await makeNewer(bench)
      await bench.write(spec)
      await deployed(bench)
      assert.equal(await described(bench), ['newer', 'older'])
      assert.equal(await gadgetsOf(bench), ['one'])
      await bench.helm(4, 'uninstall', 'web')
      assert.equal(await described(bench), ['newer', 'older'])
    },
  )
}

onLoop('skipCRDs leaves crds/ alone', { ...chart, 'templates/gadget.yaml': '' }, async (bench) => {
  await bench.write({ ...onServer, skipCRDs: true })
  await deployed(bench)
  assert.equal(await described(bench), ['', ''])
})

onLoop('Helm 3 is told to be the wrong Helm for a server-side install', chart, helm3Refused, 3)

async function helm3Refused(bench: LoopBench): Promise<void> {
  await bench.write(onServer)
  assert.match(
    await failed(bench),
    /^Cannot install release "web" in namespace "t-\w+": spec\.install\.serverSideApply needs Helm 4 and this is Helm 3\.0\.0; set spec\.helmVersion to v4, or remove the field$/,
  )
  assert.equal(await described(bench), ['', ''])
  await bench.write(onClient)
  await deployed(bench)
}

const twice = 'image: nginx, env: [{ name: A, value: a }, { name: A, value: b }]'
const repeating = { 'templates/web.yaml': deployment.replace('image: nginx', twice) }
onLoop(
  'a list that repeats a key ends a server-side install with a sentence, and installs without',
  repeating,
  async (bench) => {
    await bench.write({ ...onServer, install: { serverSideApply: true, keepFailed: true } })
    assert.match(
      await failed(bench),
      /server-side apply refuses Deployment\/t-\w+\/web, whose lists must name each key once: .*env: duplicate entries for key \[name="A"\]; correct the chart or the values, or do without serverSideApply$/,
    )
    await bench.write(onClient)
    await deployed(bench)
    assert.equal(await ownersOf(bench, 'deployment', 'web'), ['helm Update'])
  },
)

onLoop(
  'upgrades are applied in another way when the spec asks for it, and lose no field of others',
  { 'templates/config.yaml': configMap },
  async (bench) => {
    const { kubectl, namespace } = bench
    const data = () => bench.kubectl('get', ...web, '-n', namespace, '-o', 'jsonpath={.data}')
    const web = ['configmap', 'web']
    const upgrade = async (revision: number, serverSideApply: string, values: object) => {
      await bench.write({ ...onClient, upgrade: { serverSideApply }, values: { data: values } })
      await bench.settled('it is upgraded', ({ history }) => history[0]?.revision === revision)
      await deployed(bench)
    }
    await upgrade(1, 'auto', { a: '1', b: '1' })
    await kubectl('patch', ...web, '-n', namespace, '--type=merge', '-p', '{"data":{"x":"9"}}')
    await upgrade(2, 'enabled', { a: '2' })
    assert.equal(JSON.parse(await data()), { a: '2', x: '9' })
    assert.equal(await ownersOf(bench, ...web), ['helm Apply', 'kubectl-patch Update'])
    await upgrade(3, 'disabled', { a: '3', b: '3' })
    assert.equal(JSON.parse(await data()), { a: '3', b: '3', x: '9' })
    await upgrade(4, 'enabled', { a: '4' })
    assert.equal(JSON.parse(await data()), { a: '4', x: '9' })
    await upgrade(5, 'auto', { b: '5' })
    assert.equal(JSON.parse(await data()), { b: '5', x: '9' })
    assert.equal(await ownersOf(bench, ...web), ['helm Apply', 'kubectl-patch Update'])
    await upgrade(6, 'disabled', { b: '5' })
    assert.is((await bench.storage.history(namespace, 'web'))[0]?.applyMethod, 'client')
  },
)

onLoop(
  'an upgrade that server-side apply refuses is rolled back as the good revision was applied',
  repeating,
  async (bench) => {
    const spec = { ...onClient, rollback: { enable: true }, wait: false }
    await bench.write(spec)
    await deployed(bench)
    await bench.write({ ...spec, upgrade: { serverSideApply: 'enabled' }, values: { replicas: 2 } })
    await bench.settled('it is rolled back', ({ phase }) => phase === 'RolledBack')
    assert.equal(await revisions(bench), ['3 deployed', '2 failed', '1 superseded'])
    const [newest] = await bench.storage.history(bench.namespace, 'web')
    assert.is(newest?.applyMethod, 'client')
  },
)

onLoop('CRDs of a pass that was killed before helm are as good as any', chart, async (bench) => {
  const values = {}
  const { artifact, deps, namespace } = bench
  const desired = helmRelease({ releaseName: 'web', targetNamespace: namespace })
  const access = depsAs(deps, undefined)
  const { signal } = new AbortController()
  await createMissingCrds(access, { desired, artifact, values, signal })
  assert.equal(await described(bench), ['older', 'older'])
  await bench.write(onServer)
  await deployed(bench)
})

onLoop(
  'a chart with an older CRD of our own kind leaves ours as it is',
  { ...chart, 'crds/own.yaml': ownDefinition },
  async (bench) => {
    const before = await bench.kubectl('get', 'crd', ownName, '-o', 'json')
    for (const spec of [onServer, onClient]) {
      await bench.write(spec)
      await deployed(bench)
      assert.is(await bench.kubectl('get', 'crd', ownName, '-o', 'json'), before)
      await bench.helm(4, 'uninstall', 'web')
    }
  },
)

onLoop(
  'a CRD that the API server refuses is named, and nothing is installed',
  {
    ...chart,
    'crds/broken.yaml': definition('thing').replace('things.example.com', 'other.example.com'),
  },
  async (bench) => {
    await bench.write(onServer)
    assert.match(
      await failed(bench),
      /^Cannot create customresourcedefinitions\.apiextensions\.k8s\.io "other\.example\.com": .* is invalid: .*; correct it in the chart's crds\/, or set spec\.skipCRDs$/,
    )
    assert.equal(await revisions(bench), [])
  },
)

onLoop(
  'a CRD of a version that is not served any more is named',
  { ...chart, 'crds/old.yaml': definition('thing').replace('k8s.io/v1', 'k8s.io/v1beta1') },
  async (bench) => {
    await bench.write(onServer)
    assert.match(
      await failed(bench),
      /CustomResourceDefinition "things\.example\.com" of the chart's crds\/: .*is served as apiextensions\.k8s\.io\/v1 now/,
    )
  },
)

onLoop(
  'what else is in crds/ is created after its kinds, and left alone once it is there',
  { ...chart, 'crds/0.yaml': gadget.replace('one', 'two') },
  async (bench) => {
    await bench.write(onServer)
    await deployed(bench)
    assert.equal(await gadgetsOf(bench), ['one', 'two'])
  },
)

onLoop(
  'a tenant who may not create CRDs is told what to do, and it helps',
  chart,
  async (bench) => {
    const { kubectl, namespace } = bench
    const here = `--namespace=${namespace}`
    await kubectl('create', 'serviceaccount', 'tenant', here)
    // Of kinds that are not there yet, kubectl knows no resources.
    await bench.cluster.create(roles, {
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
      metadata: { name: 'tenant', namespace },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    })
    const subject = `--serviceaccount=${namespace}:tenant`
    await kubectl('create', 'rolebinding', 'tenant', '--role=tenant', subject, here)
    const asTenant = { ...onServer, serviceAccountName: 'tenant' }
    await bench.write(asTenant)
    assert.is(
      await failed(bench),
      `Cannot create customresourcedefinitions.apiextensions.k8s.io "widgets.example.com": service account "tenant" in namespace "${namespace}" may not create customresourcedefinitions.apiextensions.k8s.io in the whole cluster; grant that with a ClusterRole and a ClusterRoleBinding; or let an administrator create what stands in the chart's crds/, and set spec.skipCRDs`,
    )
    assert.equal(await revisions(bench), [])
    const file = join(bench.directory, 'crds.yaml')
    await writeFile(file, chart['crds/all.yaml'])
    await kubectl('create', '-f', file)
    await bench.write({ ...asTenant, skipCRDs: true })
    await deployed(bench)
    assert.equal(await gadgetsOf(bench), ['one'])
  },
)

test.run()
