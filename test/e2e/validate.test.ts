// spec.validate: what the API server refuses is found before helm changes anything, with both Helms.
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KubeObject } from '../../lib/model/json.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { keepCanaries, shownBy } from '../helpers/canary.ts'
import { configMap, deployment } from '../helpers/chart.ts'
import { accountWith, withConfined } from '../helpers/confined.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml, secretYaml } from '../helpers/yaml.ts'

const test = suite('validation on the API server')

type Stage = RunningOperator & {
  // Applies HelmRelease "web" of the chart.
  release(spec: object): Promise<string>
  // "2 deployed", newest first; none where there is no release.
  history(): string[]
}

/** Runs `use` with an operator that has this Helm only, and a chart of these files. */
async function withStage(
  major: 3 | 4,
  files: Readonly<Record<string, string>>,
  use: (stage: Stage) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const binaries = await testBinaries()
  const bin = await mkdtemp(join(tmpdir(), 'bin-'))
  await symlink(major === 3 ? binaries.helm3 : binaries.helm4, join(bin, 'helm'))
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
  const versions = `--enabled-helm-versions=v${major}`
  try {
    await withRepository(async (repository) => {
      await repository.add('web', '1.0.0', files)
      const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
      await withOperator(
        [versions, ...flags],
        (operator) =>
          use({
            ...operator,
            release: (spec) =>
              operator.apply(helmReleaseYaml('web', { chart, releaseName: 'web', ...spec })),
            history: () =>
              operator.api
                .list('secrets', 'default')
                .flatMap(({ metadata: { labels } }) => (labels?.owner === 'helm' ? [labels] : []))
                .sort((a, b) => Number(b.version) - Number(a.version))
                .map(({ version, status }) => `${version} ${status}`),
          }),
        env,
      )
    })
  } finally {
    await rm(bin, { recursive: true, force: true })
  }
}

const helms = ({ started }: RunningOperator): number =>
  started.filter((program) => program.endsWith('/helm')).length

const web = { 'templates/web.yaml': deployment }
const server = { validate: 'Server' }
const faulty = { ...server, values: { replicas: 'faulty' } }
const wrongType =
  /the API server refuses Deployment "web": field spec\.replicas gets a string where int32 is wanted; correct the values, or the chart\. Nothing was changed$/

for (const major of [3, 4] as const) {
  test(`refuses a wrong type before Helm ${major} stores a revision, and waits for an edit`, () =>
    withStage(major, web, async (stage) => {
      await stage.release(faulty)
      const refusal = await stage.condition('web', 'Released', 'False')
      assert.match(refusal, /^Cannot install release "web" in namespace "default": /)
      assert.match(refusal, wrongType)
      assert.equal(stage.history(), [])
      const { status } = stage.read('web') as KubeObject & {
        status: { phase: string; lastAttempt: object }
      }
      assert.is(status.phase, 'DeployFailed')
      assert.is('retryAt' in status.lastAttempt, false)

      await stage.release({ ...server, values: { replicas: 1 } })
      await stage.condition('web', 'Ready', 'True')
      assert.equal(stage.history(), ['1 deployed'])
      const deployed = stage.api.get('deployments.apps', 'default', 'web')

      await stage.release({ ...faulty, rollback: { enable: true } })
      assert.match(await stage.condition('web', 'Released', 'False'), wrongType)
      assert.equal(stage.history(), ['1 deployed'])
      assert.equal(stage.api.get('deployments.apps', 'default', 'web')?.spec, deployed?.spec)
    }))
}

const widget = `apiVersion: x.io/v1
kind: Widget
metadata: { name: w }
spec: { size: 1 }
`
const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.x.io }
spec:
  group: x.io
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`
const withCrds = { ...web, 'templates/w.yaml': widget, 'crds/w.yaml': widgets }

for (const major of [3, 4] as const)
  test(`judges all but the kinds that a chart brings in crds/, with Helm ${major}`, () =>
    withStage(major, withCrds, async (stage) => {
      await stage.release(faulty)
      assert.match(await stage.condition('web', 'Released', 'False'), wrongType)
      assert.equal(stage.history(), [])
      await stage.release(server)
      await stage.condition('web', 'Ready', 'True')
      assert.equal(stage.history(), ['1 deployed'])
      const events = stage.api.list('events').map(({ message }) => String(message))
      const note = 'Widget "w" (x.io/v1 is not served yet)'
      assert.ok(
        events.find((message) => message.includes(note)),
        events.join('\n'),
      )
      await stage.release(faulty)
      assert.match(await stage.condition('web', 'Released', 'False'), wrongType)
      assert.equal(stage.history(), ['1 deployed'])
    }))

test('refuses a change that Kubernetes forbids, and tries again in time', () => {
  const label = '{{ .Values.label | default "web" }}'
  const files = {
    'templates/web.yaml': deployment.replaceAll('app: {{ .Release.Name }}', `app: ${label}`),
  }
  return withStage(4, files, async (stage) => {
    await stage.release(server)
    await stage.condition('web', 'Ready', 'True')
    await stage.release({ ...server, values: { label: 'other' } })
    assert.match(
      await stage.condition('web', 'Released', 'False'),
      /refuses Deployment "web": it exists and its field spec\.selector cannot be changed; delete the object, or undo the change\. Nothing was changed$/,
    )
    assert.equal(stage.history(), ['1 deployed'])
    const { lastAttempt } = stage.read('web')!.status as { lastAttempt: { retryAt?: string } }
    assert.ok(lastAttempt.retryAt)
  })
})

const hook = `apiVersion: batch/v1
kind: Job
metadata:
  name: prepare
  annotations: { helm.sh/hook: 'pre-install,pre-upgrade' }
spec:
  {{- with .Values.backoff }}
  backoffLimit: {{ . }}
  {{- end }}
  template:
    spec: { restartPolicy: Never, containers: [{ name: a, image: busybox }] }
`
const broken = `apiVersion: v1
kind: Pod
metadata: { name: check, annotations: { helm.sh/hook: test } }
spec: { containers: none }
`

test('judges hooks as if they were new, and no tests', () => {
  const files = {
    'templates/c.yaml': configMap,
    'templates/h.yaml': hook,
    'templates/t.yaml': broken,
  }
  return withStage(4, files, async (stage) => {
    await stage.release(server)
    await stage.condition('web', 'Ready', 'True')
    await stage.release({ ...server, values: { data: { a: 'new' } } })
    await until('it is upgraded', () => stage.history()[0] === '2 deployed')
    await stage.release({ ...server, values: { backoff: 'many' } })
    assert.match(
      await stage.condition('web', 'Released', 'False'),
      /refuses Job "prepare": field spec\.backoffLimit gets a string where int32 is wanted/,
    )
    assert.equal(stage.history(), ['2 deployed', '1 superseded'])
  })
})

const team = `apiVersion: v1
kind: Namespace
metadata: { name: team }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: a, namespace: team }
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: { name: b }
    data: {{ .Values.data | default dict | toJson }}
`

test('leaves to helm what lies in a namespace of the release, and looks into lists', () =>
  withStage(4, { 'templates/team.yaml': team }, async (stage) => {
    await stage.release(server)
    await stage.condition('web', 'Ready', 'True')
    const events = stage.api.list('events').map(({ message }) => String(message))
    const note = 'ConfigMap "a" (it needs namespaces "team" of this release)'
    assert.ok(
      events.find((message) => message.includes(note)),
      events.join('\n'),
    )
    await stage.release({ ...server, values: { data: { a: 1 } } })
    assert.match(
      await stage.condition('web', 'Released', 'False'),
      /refuses ConfigMap "b": field data gets a number where string is wanted/,
    )
  }))

test('waits for the namespace that is released to', () =>
  withStage(4, web, async (stage) => {
    await stage.release({ ...server, targetNamespace: 'later' })
    assert.match(
      await stage.condition('web', 'Released', 'False'),
      /refuses Deployment "web": namespace "later" does not exist; create it/,
    )
    await stage.kubectl('create', 'namespace', 'later')
    await stage.condition('web', 'Ready', 'True')
  }))

test('costs one more helm for each change, none while nothing changes, and none where it is off', () =>
  withStage(
    4,
    web,
    async (stage) => {
      const before = helms(stage)
      await stage.release({ values: { replicas: 1 } })
      await stage.condition('web', 'Ready', 'True')
      assert.is(helms(stage) - before, 3, 'pull, dry run and upgrade')
      await stage.kubectl('annotate', 'hr/web', 'helm.fluxcd.io/reconcile=now')
      await until('it is looked at', () => /in sync, found without/.test(stage.log()))
      assert.is(helms(stage) - before, 3)
      await stage.release({ validate: 'None', values: { replicas: 2 } })
      await until('it is upgraded', () => stage.history()[0] === '2 deployed')
      await stage.condition('web', 'Ready', 'True')
      assert.is(helms(stage) - before, 4)
    },
    ['--validate=server'],
  ))

const shows = deployment.replace('labels: {', 'labels: { shown: {{ .Values.password | quote }},')

test('shows nothing of a secret value that an object is refused for', () =>
  withStage(4, { 'templates/web.yaml': shows }, async (stage) => {
    const canaries = keepCanaries()
    const password = `${canaries.password()}!`
    await stage.apply(secretYaml('values', { 'values.yaml': `password: "${password}"\n` }))
    await stage.release({ ...server, valuesFrom: [{ secretKeyRef: { name: 'values' } }] })
    assert.match(
      await stage.condition('web', 'Released', 'False'),
      /refuses Deployment "web": spec\.template\.labels: Invalid value: "\*\*\*"/,
    )
    assert.equal(stage.history(), [])
    await until('an event tells', () => stage.api.list('events').length > 0)
    assert.equal(canaries.in(shownBy(stage)), [])
  }))

const rights = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules: [{ apiGroups: [''], resources: [configmaps], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: reader }]
`

test('asks as the service account of the release, which may grant what it has itself', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { ...web, 'templates/rights.yaml': rights })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withConfined('kustomize/overlays/least-privilege', async (operator) => {
      const spec = { ...server, chart, releaseName: 'web' }
      const shop = await operator.namespace('shop')
      const here = `--namespace=${shop}`
      await operator.apply(...accountWith('admin', shop))
      await operator.release(shop, spec)
      await operator.ready(shop, 'True')
      assert.equal(await operator.history(shop, 'web'), ['1 deployed'])

      // Enough for Helm's storage, to look at the objects, and for the rights.
      await operator.kubectl('delete', 'rolebinding', 'helm-release', here)
      await operator.kubectl('create', 'role', 'keeper', '--verb=*', '--resource=secrets', here)
      for (const [name, role] of [
        ['keeper', '--role=keeper'],
        ['viewer', '--clusterrole=view'],
      ] as const) {
        const account = `--serviceaccount=${shop}:helm-release`
        await operator.kubectl('create', 'rolebinding', name, role, account, here)
      }
      await operator.kubectl(
        'create',
        'role',
        'rights',
        '--verb=get,create,patch',
        here,
        '--resource=roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io',
      )
      await operator.kubectl(
        'create',
        'rolebinding',
        'rights',
        '--role=rights',
        `--serviceaccount=${shop}:helm-release`,
        here,
      )
      await operator.release(shop, { ...spec, values: { replicas: 2 } })
      assert.match(
        await operator.ready(shop, 'False'),
        /the API server refuses Deployment "web": service account "helm-release" in namespace "shop-\w+" may not patch deployments\.apps in namespace "shop-\w+"; grant that with a Role and a RoleBinding\. Nothing was changed$/,
      )
      assert.equal(await operator.history(shop, 'web'), ['1 deployed'])
    })
  }))

test.run()
