// Contract of kubectl: patch, edit, label, annotate, delete, wait.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { KubectlCase } from '../kubectlscope.ts'
import { deployment } from '../manifests.ts'
import { configMap } from '../scope.ts'

const made = configMap('a', { data: { x: '1' } })

export const changingCases: KubectlCase[] = [
  {
    title: 'patch speaks all three kinds of patches',
    async run({ kubectl, feed }) {
      await feed(deployment('web', { replicas: 0 }), 'create', '-f', '-')
      const containers = (more: object): string =>
        JSON.stringify({
          spec: { template: { spec: { containers: [{ name: 'main', ...more }] } } },
        })
      assert.is(
        await kubectl('patch', 'deploy', 'web', '-p', containers({ image: 'nginx:2' })),
        'deployment.apps/web patched\n',
      )
      await kubectl(
        'patch',
        'deploy',
        'web',
        '--type=merge',
        '-p',
        '{"spec":{"minReadySeconds":5}}',
      )
      const test =
        '[{"op":"test","path":"/spec/minReadySeconds","value":5},{"op":"replace","path":"/spec/minReadySeconds","value":6}]'
      await kubectl('patch', 'deploy', 'web', '--type=json', '-p', test)
      const found = await kubectl(
        'get',
        'deploy',
        'web',
        '-o',
        'jsonpath={.spec.minReadySeconds} {.spec.template.spec.containers[0].image}',
      )
      assert.is(found, '6 nginx:2')
      assert.is(
        await kubectl(
          'patch',
          'deploy',
          'web',
          '--type=merge',
          '-p',
          '{"spec":{"minReadySeconds":6}}',
        ),
        'deployment.apps/web patched (no change)\n',
      )
    },
  },
  {
    title: 'patch --subresource=status writes the status only',
    async run({ kubectl, feed }) {
      const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } }
      const head = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
      await feed({ ...head, metadata: { name: 'web' }, spec }, 'create', '-f', '-')
      const body = '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}'
      await kubectl('patch', 'ingress', 'web', '--type=merge', '--subresource=status', '-p', body)
      const found = ['get', 'ingress', 'web', '-o', 'jsonpath={.status.loadBalancer.ingress[*].ip}']
      assert.is(await kubectl(...found), '192.0.2.1')
    },
  },
  {
    title: 'edit saves what the editor leaves',
    async run({ kubectl, feed, withEnv, directory }) {
      await feed(made, 'create', '-f', '-')
      const editor = join(directory, 'editor.sh')
      await writeFile(editor, '#!/bin/sh\nsed -i \'s/x: "1"/x: "2"/\' "$1"\n', { mode: 0o755 })
      assert.is(await withEnv({ KUBE_EDITOR: editor }, 'edit', 'cm', 'a'), 'configmap/a edited\n')
      assert.is(await kubectl('get', 'cm', 'a', '-o', 'jsonpath={.data.x}'), '2')
      assert.match(
        await withEnv({ KUBE_EDITOR: 'true' }, 'edit', 'cm', 'a'),
        /^(Edit cancelled, no changes made\.\n)?$/,
      )
    },
  },
  {
    title: 'label and annotate set, refuse to overwrite, and remove',
    async run({ kubectl, feed, fails }) {
      await feed(made, 'create', '-f', '-')
      assert.is(await kubectl('label', 'cm', 'a', 'l=1'), 'configmap/a labeled\n')
      assert.match(
        await fails('label', 'cm', 'a', 'l=2'),
        /'l' already has a value \(1\), and --overwrite is false/,
      )
      assert.is(await kubectl('label', 'cm', 'a', 'l-'), 'configmap/a unlabeled\n')
      assert.is(await kubectl('annotate', 'cm', 'a', 'n=1'), 'configmap/a annotated\n')
      assert.is(
        await kubectl(
          'get',
          'cm',
          'a',
          '-o',
          'jsonpath={.metadata.labels}{.metadata.annotations.n}',
        ),
        '1',
      )
    },
  },
  {
    title: 'delete waits until the object is gone',
    async run({ kubectl, feed, fails, namespace }) {
      await feed(deployment('web'), 'create', '-f', '-')
      await kubectl('wait', '--for=condition=Available', 'deploy/web', '--timeout=30s')
      const deleted = await kubectl('delete', 'deploy', 'web', '--cascade=foreground')
      assert.match(
        deleted,
        new RegExp(`^deployment.apps "web" deleted( from ${namespace} namespace)?\\n$`),
      )
      assert.match(await fails('get', 'deploy', 'web'), /NotFound/)
      assert.is(await kubectl('get', 'pods,rs', '-o', 'name'), '')
    },
  },
  {
    title: 'delete takes a selection, all of a kind, and nothing with --ignore-not-found',
    async run({ kubectl, feed }) {
      for (const name of ['a', 'b', 'c'])
        await feed(
          { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels: { n: name } } },
          'create',
          '-f',
          '-',
        )
      await kubectl('delete', 'secret', '-l', 'n in (a,b)')
      assert.is(await kubectl('get', 'secret', '-o', 'name'), 'secret/c\n')
      await kubectl('delete', 'secret', '--all')
      assert.is(await kubectl('get', 'secret', '-o', 'name'), '')
      assert.is(await kubectl('delete', 'secret', 'a', '--ignore-not-found'), '')
    },
  },
  {
    title: 'delete of a pod ends when it is gone, also with --now and --force',
    async run({ kubectl, feed }) {
      const pod = (name: string): object => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
      })
      await kubectl('wait', '--for=create', 'sa/default', '--timeout=20s')
      for (const [name, flags] of [
        ['a', []],
        ['b', ['--now']],
        ['c', ['--force', '--grace-period=0']],
      ] as const) {
        await feed(pod(name), 'create', '-f', '-')
        await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=30s')
        await kubectl('delete', 'pod', name, ...flags)
        assert.is(await kubectl('get', 'pod', name, '--ignore-not-found'), '')
      }
    },
  },
  {
    title: 'wait ends with a condition, a value or a deletion, and says when it gives up',
    async run({ kubectl, feed, fails }) {
      await feed(made, 'create', '-f', '-')
      assert.is(
        await kubectl('wait', '--for=jsonpath={.data.x}=1', 'cm/a', '--timeout=5s'),
        'configmap/a condition met\n',
      )
      assert.match(
        await fails('wait', '--for=delete', 'cm/a', '--timeout=1s'),
        /timed out waiting for the condition on configmaps\/a/,
      )
      const waiting = kubectl('wait', '--for=delete', 'cm/a', '--timeout=20s')
      await kubectl('delete', 'cm', 'a')
      await waiting
    },
  },
  {
    title: 'a namespace is deleted with all that is in it',
    async run({ kubectl, feed, namespace }) {
      const other = `${namespace}-b`
      await kubectl('create', 'namespace', other)
      await feed(
        { ...made, metadata: { name: 'a', namespace: other } },
        '--namespace',
        other,
        'create',
        '-f',
        '-',
      )
      await kubectl('delete', 'namespace', other, '--timeout=60s')
      assert.is(await kubectl('get', 'ns', other, '--ignore-not-found'), '')
    },
  },
]
