// The unmodified kubectl against the sandbox: what people type, and what it must not notice.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf, programsFor, type Program } from '../helpers/programs.ts'
import { withSandbox, type RunningSandbox } from '../helpers/sandbox.ts'

const test = suite('kubectl on the sandbox')

function withKubectl(
  use: (kubectl: Program, running: RunningSandbox) => Promise<void>,
): () => Promise<void> {
  return () =>
    withSandbox({ workloads: { speed: 20 } }, async (running) =>
      use((await programsFor(running)).kubectl, running),
    )
}

const deployment = (replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: example/web:1, ports: [{containerPort: 80}]}
        - {name: side, image: example/side:1}
`

test(
  'apply creates, changes and leaves alone, client-side with validation',
  withKubectl(async (kubectl) => {
    const apply = (stdin: string): Promise<string> => kubectl(['apply', '-f', '-'], { stdin })
    assert.is(await apply(deployment(1)), 'deployment.apps/web created\n')
    assert.is(await apply(deployment(1)), 'deployment.apps/web unchanged\n')
    assert.is(await apply(deployment(2)), 'deployment.apps/web configured\n')
    const bad = deployment(2).replace('replicas', 'replica')
    assert.match(await failureOf(apply(bad)), 'unknown field "spec.replica"')
  }),
)

test(
  'apply takes a List apart, and tells of kinds that nobody serves',
  withKubectl(async (kubectl) => {
    const apply = (items: string): Promise<string> =>
      kubectl(['apply', '-f', '-'], { stdin: `{apiVersion: v1, kind: List, items: [${items}]}` })
    const map = '{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: b}}'
    assert.is(await apply(map), 'configmap/settings created\n')
    const nothing = '{apiVersion: example.com/v1, kind: Nothing, metadata: {name: x}}'
    assert.match(await failureOf(apply(nothing)), 'no matches for kind "Nothing"')
  }),
)

test(
  'apply --server-side owns fields, and tells another owner of the conflict',
  withKubectl(async (kubectl) => {
    const apply = (manager: string, replicas: number, ...more: string[]): Promise<string> =>
      kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-', ...more], {
        stdin: deployment(replicas),
      })
    await apply('one', 1)
    assert.match(await failureOf(apply('two', 3)), 'conflict with "one": .spec.replicas')
    await apply('two', 3, '--force-conflicts')
    const replicas = ['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}']
    assert.is(await kubectl(replicas), '3')
  }),
)

test(
  'patch knows all its three types',
  withKubectl(async (kubectl) => {
    await kubectl(['apply', '-f', '-'], { stdin: deployment(1) })
    const patch = (type: string, text: string): Promise<string> =>
      kubectl(['patch', 'deployment', 'web', `--type=${type}`, '--patch', text])
    const containers = '[{"name":"side","image":"example/side:2"}]'
    await patch('strategic', `{"spec":{"template":{"spec":{"containers":${containers}}}}}`)
    await patch('merge', '{"metadata":{"annotations":{"note":"x"}}}')
    await patch('json', '[{"op":"replace","path":"/spec/replicas","value":2}]')
    const template =
      '{.spec.replicas} {.metadata.annotations.note} {.spec.template.spec.containers[*].image}'
    const shown = await kubectl(['get', 'deployment', 'web', '-o', `jsonpath=${template}`])
    assert.is(shown, '2 x example/web:1 example/side:2')
  }),
)

test(
  'edit writes back what the editor leaves',
  withKubectl(async (kubectl, { directory }) => {
    await kubectl(['create', 'configmap', 'settings', '--from-literal=level=low'])
    const editor = join(directory, 'editor')
    await writeFile(editor, '#!/bin/sh\nsed -i s/level:.*/level:\\ high/ "$1"\n', { mode: 0o700 })
    await kubectl(['edit', 'configmap', 'settings'], { env: { EDITOR: editor } })
    const shown = await kubectl(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.level}'])
    assert.is(shown, 'high')
  }),
)

test(
  'wait, rollout, scale, logs and describe follow a Deployment',
  withKubectl(async (kubectl) => {
    await kubectl(['apply', '-f', '-'], { stdin: deployment(2) })
    await kubectl(['wait', '--for=condition=available', 'deployment/web', '--timeout=20s'])
    await kubectl(['scale', 'deployment/web', '--replicas=1'])
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=20s'])
    const described = await kubectl(['describe', 'deployment', 'web'])
    assert.match(described, /^Replicas: +1 desired/m)
    await kubectl(['logs', 'deployment/web', '-c', 'side'])
  }),
)

test(
  'delete waits for what is deleted, and takes dependents along',
  withKubectl(async (kubectl) => {
    await kubectl(['apply', '-f', '-'], { stdin: deployment(1) })
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=20s'])
    await kubectl(['delete', 'deployment', 'web', '--cascade=foreground', '--timeout=20s'])
    assert.is(await kubectl(['get', 'replicasets,pods', '-o', 'name']), '')
    await kubectl(['create', 'namespace', 'shop'])
    await kubectl(['create', 'secret', 'generic', 'key', '--from-literal=a=b', '-n', 'shop'])
    await kubectl(['delete', 'namespace', 'shop', '--timeout=20s'])
    assert.match(await failureOf(kubectl(['get', 'namespace', 'shop'])), 'not found')
  }),
)

test(
  'api-resources, api-versions, explain and version know the cluster',
  withKubectl(async (kubectl) => {
    assert.match(
      await kubectl(['api-resources']),
      /^deployments +deploy +apps\/v1 +true +Deployment/m,
    )
    assert.match(await kubectl(['api-versions']), /^batch\/v1$/m)
    assert.match(await kubectl(['explain', 'deployment.spec.replicas']), /<integer>/)
    assert.match(await kubectl(['version']), /Server Version: v1\./)
  }),
)

test(
  'create makes objects that are sent as protobuf',
  withKubectl(async (kubectl) => {
    await kubectl(['create', 'deployment', 'made', '--image=example/app:1', '--port=80'])
    await kubectl(['create', 'ingress', 'made', '--rule=a.example.org/*=made:80'])
    await kubectl(['create', 'role', 'made', '--verb=get', '--resource=pods'])
    const template = '{.spec.template.spec.containers[0].ports[0].containerPort}'
    const shown = await kubectl(['get', 'deployment', 'made', '-o', `jsonpath=${template}`])
    assert.is(shown, '80')
    assert.match(await kubectl(['create', 'token', 'default']), /^ey/)
  }),
)

test.run()
