// What a Helm says it would do, beside what it does.
import * as assert from 'uvu/assert'
import { upgradePatch } from '../../lib/helm/three-way.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import type { ResourceType } from '../../lib/model/ports.ts'
import { configMap, hookPod } from '../helpers/chart.ts'
import type { HelmBench } from '../helpers/helm.ts'
import type { Check, Web } from './helmwords.ts'

const apps = { group: 'apps', version: 'v1' }
const deployments: ResourceType = { ...apps, plural: 'deployments', namespaced: true }

const files = {
  'templates/config.yaml': configMap,
  'templates/hook.yaml': hookPod('pre-install'),
  'templates/test.yaml': hookPod('test'),
}

// Everything about it can be said by values, so that an upgrade can change anything.
const pliable = {
  'templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  {{- with .Values.spec }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  template:
    metadata: { labels: { app: web } }
    spec: {{ .Values.pod | toJson }}
`,
}

const container = { name: 'web', image: 'nginx' }
const fromField = { fieldRef: { fieldPath: 'metadata.name' } }
const mounted = { ...container, volumeMounts: [{ name: 'v', mountPath: '/v' }] }

// Values of an upgrade, each after the ones before it.
const upgrades: readonly [what: string, spec: JsonObject, pod: JsonObject][] = [
  ['a variable', {}, { containers: [{ ...container, env: [{ name: 'A', value: 'a' }] }] }],
  [
    'its source',
    {},
    { containers: [{ ...container, env: [{ name: 'A', valueFrom: fromField }] }] },
  ],
  ['another name', { replicas: 2 }, { containers: [{ ...container, name: 'other' }] }],
  [
    'another strategy than the default',
    { strategy: { type: 'Recreate' } },
    { containers: [container] },
  ],
  [
    'a strategy with parameters',
    { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2 } } },
    { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] },
  ],
  [
    'another strategy and volume',
    { strategy: { type: 'Recreate' } },
    { containers: [mounted], volumes: [{ name: 'v', configMap: { name: 'c' } }] },
  ],
  ['fewer fields', {}, { containers: [container] }],
  [
    'ports that repeat a number',
    {},
    {
      containers: [
        { ...container, ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }] },
      ],
    },
  ],
]

export function checkRendering(check: Check): void {
  const title = 'render() says what would be written, without tests, and writes nothing'
  check(title, files, async (web, chart, { driver }) => {
    const values = { data: { a: '1' } }
    const call = { ...web.call(), artifact: chart, values, action: 'install' } as const
    const { objects, notes } = await driver.render(call)
    assert.equal(
      objects.map(({ part, object }) => `${part} ${object.kind} ${object.metadata.name}`),
      ['manifest ConfigMap web', 'hook Pod web-pre-install'],
    )
    assert.equal(objects[0]?.object['data'], { a: '1' })
    assert.equal(notes, [])
    assert.equal(await web.revisions(), [])
  })

  check('an upgrade changes what upgradePatch() says', pliable, async (web, chart, bench) => {
    await web.install(chart, { values: { spec: {}, pod: { containers: [container] } } })
    for (const [what, spec, pod] of upgrades) {
      const expected = await predict(web, bench, { artifact: chart, values: { spec, pod } })
      await web.upgrade(chart, { values: { spec, pod } })
      const upgraded = await bench.cluster.get(deployments, 'web', bench.namespace)
      assert.equal(upgraded?.['spec'], expected, what)
    }
  })
}

// What the API server would make of the patch.
async function predict(
  web: Web,
  { driver, storage, cluster, kubectl, namespace }: HelmBench,
  wanted: { artifact: Parameters<Web['install']>[0]; values: JsonObject },
): Promise<unknown> {
  const { objects } = await driver.render({ ...web.call(), ...wanted, action: 'upgrade' })
  const [newest] = await web.history()
  const [before] = await storage.objectsOf(newest!)
  const live = await cluster.get(deployments, 'web', namespace)
  const patch = upgradePatch({
    before: before?.object as JsonObject,
    wanted: objects[0]?.object as JsonObject,
    live: live as JsonObject,
  })
  const answer = await kubectl(
    ...['patch', 'deployment', 'web', '--namespace', namespace, '--type=merge'],
    ...['--dry-run=server', '--output=json', `--patch=${JSON.stringify(patch)}`],
  )
  return (JSON.parse(answer) as { spec: unknown }).spec
}
