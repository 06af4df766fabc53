// What is installed is accepted by an API server: CRDs, kustomizations, examples, and only objects as the CRDs describe them.
import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { codecs } from '../../lib/api/codec.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { encodeWhole, type Status } from '../../lib/api/legacy/status.ts'
import type { Attempt, Snapshot } from '../../lib/model/memory.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { kustomizations } from '../helpers/kustomize.ts'
import { wireRelease } from '../helpers/objects.ts'
import { withSandbox } from '../helpers/sandbox.ts'

const test = suite('installing')
const v1 = 'helmreleases.helm.fluxcd.io'
const at = '2024-05-01T10:00:00Z'

const told = {
  status: 'True',
  reason: 'Succeeded',
  message: 'as asked',
  lastUpdateTime: at,
  lastTransitionTime: at,
} as const

// Required: a field that the model gains must be shown to fit into the CRDs.
const released: Required<Omit<Status, 'history' | 'lastAttempt' | 'wasRolledBack' | 'told'>> & {
  lastAttempt: Required<Attempt>
  history: Required<Snapshot>[]
} = {
  observedGeneration: 1,
  phase: 'Succeeded',
  releaseName: 'shop-api',
  releaseNamespace: 'shop',
  releaseStatus: 'deployed',
  revision: '1.2.3',
  lastAttemptedRevision: '1.2.3',
  lastAttempt: {
    action: 'upgrade',
    releaseName: 'shop-api',
    releaseNamespace: 'shop',
    uid: 'u-9',
    begunAt: at,
    endedAt: at,
    revision: 2,
    generation: 1,
    chartDigest: 'sha256:aa',
    valuesDigest: 'bb',
    failedAt: at,
    failures: 2,
    retryAt: at,
    waitsFor: [{ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }],
  },
  journal: { action: 'upgrade', revision: 2, generation: 1, stage: 'applied' },
  rollbackCount: 2,
  installFailures: 1,
  conditions: [
    { type: 'ChartFetched', ...told },
    { type: 'Deployed', ...told },
    { type: 'Tested', ...told },
    { type: 'RolledBack', ...told },
    { type: 'Released', ...told },
    { type: 'Ready', ...told },
  ],
  history: [
    {
      revision: 2,
      uid: 'u-1',
      action: 'upgrade',
      generation: 1,
      chartVersion: '1.2.3',
      chartDigest: 'sha256:aa',
      valuesDigest: 'sha256:bb',
      deployedAt: at,
      tested: 'passed',
      waitUntil: at,
      replaced: 1,
      adopted: true,
    },
  ],
}
const root = fileURLToPath(new URL('../..', import.meta.url))

type Kubectl = (args: readonly string[], ...objects: KubeObject[]) => Promise<string>

// What kubectl printed, or what it refused with: both are answers here.
async function withCluster(use: (kubectl: Kubectl) => Promise<void>): Promise<void> {
  const binaries = await testBinaries()
  const run = createRunner({ env: process.env })
  await withSandbox({}, async ({ kubeconfig, directory }) => {
    await use(async (args, ...objects) => {
      const command = [binaries.kubectl, '--kubeconfig', kubeconfig, ...args]
      const stdin = objects.map((object) => JSON.stringify(object)).join('\n---\n')
      const options = { cwd: root, env: { HOME: directory }, stdin }
      return run(command, options).then(
        ({ stdout }) => stdout,
        ({ stderr }: { stderr: string }) => stderr,
      )
    })
  })
}

async function applyCrds(kubectl: Kubectl): Promise<void> {
  const files = codecs.flatMap(({ group }) => ['-f', `crds/helmreleases.${group}.yaml`])
  await kubectl(['apply', '--server-side', ...files])
  await kubectl(['wait', '--for=condition=established', 'crd', '--all', '--timeout=10s'])
}

async function everyField(): Promise<KubeObject> {
  const text = await readFile(`${root}/test/fixtures/everyfield.yaml`, 'utf8')
  const object = parse(text) as KubeObject
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } }
}

for (const folder of kustomizations) {
  test(`${folder} applies, and applying it again changes nothing`, async () => {
    await withCluster(async (kubectl) => {
      const first = await kubectl(['apply', '-k', folder])
      assert.match(first, 'deployment.apps/helm-operator created')
      const again = (await kubectl(['apply', '-k', folder])).trim().split('\n')
      assert.is(again.length, 6)
      assert.ok(
        again.every((line) => line.endsWith(' unchanged')),
        again.join('\n'),
      )
    })
  })
}

test('an object with every field is stored as it was written', async () => {
  await withCluster(async (kubectl) => {
    await applyCrds(kubectl)
    const object = await everyField()
    await kubectl(['create', '--validate=strict', '-f', '-'], object)
    const stored = JSON.parse(await kubectl(['get', v1, 'shop-api', '-o', 'json'])) as KubeObject
    assert.equal(stored['spec'], object['spec'])
  })
})

test('each generation refuses what it cannot mean, and says which field it is', async () => {
  const repository = { repository: 'https://charts.example.net', name: 'api', version: '1.2.3' }
  const git = { git: 'https://git.example.net/x', path: '.' }
  const cases = [
    ['helm.fluxcd.io/v1', {}, /spec\.chart.*[Rr]equired/],
    ['helm.fluxcd.io/v1', { chart: {}, timeout: '5m' }, /spec\.timeout.*must be.*integer/],
    ['helm.fluxcd.io/v1', { chart: {}, helmVersion: 'v5' }, /helmVersion.*"v5"/],
    ['helm.fluxcd.io/v1', { chart: {}, valuesFrom: [{ secretKeyRef: {} }] }, /name.*[Rr]equired/],
    ['helm.fluxcd.io/v1', { chart: {}, chrat: {} }, /unknown field "spec\.chrat"/],
    ['flux.weave.works/v1beta1', { chart: {} }, /spec\.chart/],
    ['flux.weave.works/v1beta1', { chart: { ...git, ...repository } }, /spec\.chart/],
    ['flux.weave.works/v1beta1', { chart: git, releaseName: 'My_App' }, /spec\.releaseName/],
    ['flux.weave.works/v1beta1', { chart: git, values: [1] }, /spec\.values/],
  ] as const
  await withCluster(async (kubectl) => {
    await applyCrds(kubectl)
    for (const [apiVersion, spec, why] of cases) {
      const object = wireRelease(spec, { apiVersion, metadata: { namespace: 'default' } })
      assert.match(await kubectl(['create', '--validate=strict', '-f', '-'], object), why)
    }
  })
})

test('v1 lets a chart without a source in, as it always did: the operator explains it', async () => {
  await withCluster(async (kubectl) => {
    await applyCrds(kubectl)
    const object = wireRelease({ chart: {}, values: [1] }, { metadata: { namespace: 'default' } })
    assert.match(await kubectl(['create', '--validate=strict', '-f', '-'], object), 'created')
  })
})

for (const { group, version } of codecs) {
  test(`a ${group} status is stored whole, waited for and shown`, async () => {
    const chart = { repository: 'https://charts.example.net', name: 'api', version: '1.2.3' }
    const metadata = { namespace: 'default', generation: 1 }
    const object = wireRelease({ chart }, { apiVersion: `${group}/${version}`, metadata })
    const status = encodeWhole(released, object)
    const resource = `helmreleases.${group}`
    await withCluster(async (kubectl) => {
      await applyCrds(kubectl)
      await kubectl(['create', '-f', '-'], object)
      const patch = ['--type=merge', '--subresource=status', '-p', JSON.stringify({ status })]
      await kubectl(['patch', resource, 'api', ...patch])
      const stored = await kubectl(['get', resource, 'api', '-o', 'json'])
      assert.equal((JSON.parse(stored) as KubeObject)['status'], status)
      for (const condition of ['ready', 'released'])
        assert.match(
          await kubectl(['wait', `--for=condition=${condition}`, resource, '--all']),
          'met',
        )
      const row = (await kubectl(['get', resource, '-o', 'wide'])).split('\n')
      assert.match(row[0]!, /NAME +RELEASE +READY +PHASE +MESSAGE +AGE +RELEASESTATUS +REVISION/)
      assert.match(row[1]!, /^api +shop-api +True +Succeeded +as asked +\d+s +deployed +1\.2\.3/)
    })
  })
}

test('the examples are accepted', async () => {
  const files = (await readdir(`${root}/examples`)).filter((file) => file.endsWith('.yaml')).sort()
  const items = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${root}/examples/${file}`, 'utf8')
      return parse(text.replace(/\$\{\w+\}/, 'https://example.net')) as KubeObject
    }),
  )
  await withCluster(async (kubectl) => {
    await applyCrds(kubectl)
    const said = (await kubectl(['apply', '--validate=strict', '-f', '-'], ...items))
      .trim()
      .split('\n')
    assert.is(said.length, files.length, said.join('\n'))
    assert.ok(
      said.every((line) => line.endsWith(' created')),
      said.join('\n'),
    )
  })
})

test.run()
