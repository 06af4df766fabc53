// What Prometheus and Grafana are given, held against what the operator serves.
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, parseAllDocuments } from 'yaml'
import { createMetrics } from '../../lib/app/metrics.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { parseFamilies } from '../helpers/metrics.ts'

const test = suite('monitoring')
const root = fileURLToPath(new URL('../..', import.meta.url))
const components = join(root, 'kustomize/components')

type Panel = { title: string; gridPos: object; targets: { expr: string }[] }
type Rule = { alert: string; expr: string; annotations: { summary: string } }

async function served(): Promise<Map<string, string>> {
  const metrics = createMetrics({ now: () => 0, version: '2.0.0', byRelease: true })
  return parseFamilies((await metrics.read()).text)
}

// Names of metrics in an expression: what has an underscore and is neither a label nor a function.
function metricsIn(expr: string): string[] {
  const bare = expr.replace(/\{[^}]*\}|\b(?:by|on) \([^)]*\)/g, '')
  return [...bare.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)]
    .map(([name]) =>
      name.replace(/_(?:sum|count|bucket)$/, (end, at: number) => {
        const isHistogram = name.slice(0, at).endsWith('_seconds')
        return isHistogram ? '' : end
      }),
    )
    .filter((name) => name !== 'label_values')
}

async function render(...names: string[]): Promise<KubeObject[]> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'monitoring-')))
  try {
    const at = (path: string): string => relative(directory, join(root, path))
    await writeFile(
      join(directory, 'kustomization.yaml'),
      JSON.stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        namespace: 'elsewhere',
        resources: [at('kustomize/base')],
        components: names.map((name) => at(`kustomize/components/${name}`)),
      }),
    )
    const { kubectl } = await testBinaries()
    const { stdout } = await createRunner({ env: process.env })([kubectl, 'kustomize', directory])
    return parseAllDocuments(stdout).map((one) => one.toJS() as KubeObject)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('every component goes on top of the base, into the namespace that is asked for', async () => {
  const objects = await render('servicemonitor', 'alerts', 'dashboard')
  const added = objects.filter(({ kind }) => /Monitor|Service$|Rule|ConfigMap/.test(kind))
  assert.equal(
    added.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`).sort(),
    [
      'ConfigMap elsewhere dashboard-helm-operator',
      'PrometheusRule elsewhere helm-operator',
      'Service elsewhere helm-operator',
      'ServiceMonitor elsewhere helm-operator',
    ],
  )
  const dashboard = added.find(({ kind }) => kind === 'ConfigMap')
  assert.is(dashboard?.metadata.labels?.['grafana_dashboard'], '1')
})

test('monitors find the pod and its port', async () => {
  const objects = await render('podmonitor', 'servicemonitor')
  const of = (kind: string): Record<string, never> =>
    objects.find((object) => object.kind === kind)!['spec'] as Record<string, never>
  const { template } = of('Deployment') as unknown as {
    template: { metadata: { labels: object }; spec: { containers: [{ ports: object }] } }
  }
  const labels = template.metadata.labels as Record<string, string>
  const isPod = (wanted: object): boolean =>
    Object.entries(wanted).every(([name, value]) => labels[name] === value)
  const podMonitor = of('PodMonitor') as unknown as {
    selector: { matchLabels: object }
    podMetricsEndpoints: [{ port: string; path: string; honorLabels: boolean }]
  }
  assert.ok(isPod(podMonitor.selector.matchLabels))
  assert.ok(isPod(of('Service')['selector']!))
  const [{ port, path, honorLabels }] = podMonitor.podMetricsEndpoints
  assert.equal([port, path, honorLabels], ['http', '/metrics', true])
  assert.equal(template.spec.containers[0].ports, [{ name: 'http', containerPort: 3030 }])
})

test('every alert asks for figures that are served, and says what is the matter', async () => {
  const { spec } = parse(await readFile(join(components, 'alerts/rules.yaml'), 'utf8')) as {
    spec: { groups: [{ rules: Rule[] }] }
  }
  const families = await served()
  const { rules } = spec.groups[0]
  assert.ok(rules.length >= 5)
  for (const { alert, expr, annotations } of rules) {
    const names = metricsIn(expr)
    assert.ok(names.length > 0, alert)
    for (const name of names) assert.ok(families.has(name), `${alert}: ${name}`)
    assert.ok(annotations.summary.length > 10)
  }
  // What users of fluxcd/helm-operator were told to alert on.
  const exprs = rules.map(({ expr }) => expr)
  for (const old of [
    'flux_helm_operator_release_queue_length_count > 0',
    'flux_helm_operator_release_condition_info{condition="RolledBack"} == 1',
    'flux_helm_operator_release_condition_info{condition="Released"} == -1',
  ])
    assert.ok(exprs.includes(old), old)
})

test('every panel of the dashboard shows figures that are served, and has a place of its own', async () => {
  const text = await readFile(join(components, 'dashboard/helm-operator.json'), 'utf8')
  const { panels } = JSON.parse(text) as { panels: Panel[] }
  const families = await served()
  const unknown = panels.flatMap(({ title, targets }) =>
    targets
      .filter(({ expr }) => !expr.includes('{app='))
      .flatMap(({ expr }) => metricsIn(expr))
      .filter((name) => !families.has(name))
      .map((name) => `${title}: ${name}`),
  )
  assert.equal(unknown, [])
  assert.is(new Set(panels.map(({ gridPos }) => JSON.stringify(gridPos))).size, panels.length)
  assert.ok(panels.length >= 12)
})

test("the chart's dashboard is the same", async () => {
  const [one, other] = await Promise.all(
    [
      join(components, 'dashboard/helm-operator.json'),
      join(root, 'chart/helm-operator/dashboards/helm-operator.json'),
    ].map((path) => readFile(path, 'utf8')),
  )
  assert.is(one, other)
})

test('docs/monitoring.md names every figure that is served, and no other', async () => {
  const page = await readFile(join(root, 'docs/monitoring.md'), 'utf8')
  const documented = [...page.matchAll(/^\| `((?:flux|helm|process|nodejs)_[a-z_]+)`/gm)].map(
    ([, name]) => name!,
  )
  assert.equal([...documented].sort(), [...(await served()).keys()].sort())
})

test.run()
