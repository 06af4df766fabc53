// The unmodified Helm 3 and Helm 4 against the sandbox: install, upgrade, rollback, test, uninstall, with hooks and crds/.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf, programsFor, type Program, type Programs } from '../helpers/programs.ts'
import { withSandbox } from '../helpers/sandbox.ts'

const test = suite('helm on the sandbox')

const hook = (name: string, events: string, script: string): string => `
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-${name}
  annotations: {helm.sh/hook: "${events}", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: example/hook:1, command: [sh, -c, "${script}"]}]
`

const files: Record<string, string> = {
  'Chart.yaml': 'apiVersion: v2\nname: sample\nversion: 1.0.0\nappVersion: "1"\n',
  'values.yaml': 'replicas: 1\nimage: example/web:1\nhookScript: exit 0\n',
  'crds/widgets.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
`,
  'templates/widget.yaml': `
apiVersion: example.org/v1
kind: Widget
metadata: {name: "{{ .Release.Name }}"}
spec: {size: {{ .Values.replicas }}}
`,
  'templates/web.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: web, image: "{{ .Values.image }}"}]}
---
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {selector: {app: "{{ .Release.Name }}"}, ports: [{port: 80}]}
`,
  'templates/hook.yaml': hook('before', 'pre-install,pre-upgrade', '{{ .Values.hookScript }}'),
  'templates/after.yaml': hook('after', 'post-install,post-upgrade', 'exit 0'),
  'templates/test.yaml': hook('test', 'test', 'exit 0'),
}

function withHelm(
  major: 3 | 4,
  use: (programs: Programs & { helm: Program; chart: string }) => Promise<void>,
): () => Promise<void> {
  return () =>
    withSandbox({ workloads: { speed: 20 } }, async (running) => {
      const chart = join(running.directory, 'sample')
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(chart, name)), { recursive: true })
        await writeFile(join(chart, name), text)
      }
      const programs = await programsFor(running)
      await use({ ...programs, helm: major === 3 ? programs.helm3 : programs.helm4, chart })
    })
}

async function statusOf(helm: Program): Promise<string> {
  const history = JSON.parse(await helm(['history', 'web', '-o', 'json'])) as { status: string }[]
  return history.map(({ status }) => status).join(' ')
}

for (const major of [3, 4] as const) {
  test(
    `Helm ${major} installs, waits, upgrades, rolls back, tests and uninstalls`,
    withHelm(major, async ({ helm, kubectl, chart }) => {
      const replicas = ['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}']
      await helm(['upgrade', '--install', 'web', chart, '--wait', '--timeout=30s'])
      assert.is(await kubectl(['get', 'widget', 'web', '-o', 'jsonpath={.spec.size}']), '1')
      await helm(['upgrade', 'web', chart, '--set=replicas=2'])
      assert.is(await kubectl(replicas), '2')
      await helm(['rollback', 'web', '1'])
      assert.is(await kubectl(replicas), '1')
      assert.is(await statusOf(helm), 'superseded superseded deployed')
      assert.match(await helm(['test', 'web', '--timeout=30s']), /Phase: +Succeeded/)
      await helm(['uninstall', 'web', '--wait', '--timeout=30s'])
      assert.is(await kubectl(['get', 'deployments,replicasets,widgets', '-o', 'name']), '')
    }),
  )

  test(
    `Helm ${major} reports a hook that fails and an upgrade that never becomes ready`,
    withHelm(major, async ({ helm, chart }) => {
      const install = ['upgrade', '--install', 'web', chart]
      assert.match(await failureOf(helm([...install, '--set=hookScript=exit 1'])), /failed/i)
      assert.is(await statusOf(helm), 'failed')
      await helm([...install, '--set=hookScript=exit 0'])
      const broken = [...install, '--set=image=example/missing:1', '--wait', '--timeout=2s']
      await failureOf(helm(broken))
      assert.match(await statusOf(helm), /deployed failed$/)
    }),
  )
}

for (const major of [3, 4] as const)
  test(
    `Helm ${major} names a kind that nobody serves`,
    withHelm(major, async ({ helm, chart }) => {
      const nothing = 'apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: x}\n'
      await writeFile(join(chart, 'templates/nothing.yaml'), nothing)
      const said = await failureOf(helm(['install', 'web', chart]))
      assert.match(said, 'no matches for kind "Nothing" in version "example.com/v1"')
    }),
  )

test(
  'Helm 4 upgrades a release of Helm 3',
  withHelm(3, async ({ helm3, helm4, kubectl, chart }) => {
    await helm3(['install', 'web', chart])
    await helm4(['upgrade', 'web', chart, '--set=replicas=3'])
    assert.is(await statusOf(helm4), 'superseded deployed')
    assert.is(await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}']), '3')
  }),
)

test.run()
