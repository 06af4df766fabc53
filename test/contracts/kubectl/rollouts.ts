// Contract of kubectl: scale, set image, rollout, jobs.
import * as assert from 'uvu/assert'
import type { KubectlCase, KubectlScope } from '../kubectlscope.ts'
import { deployment } from '../manifests.ts'

async function roll({ feed, kubectl }: KubectlScope): Promise<void> {
  await feed(deployment('web'), 'create', '-f', '-')
  await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
}

function imageOf({ kubectl }: KubectlScope): Promise<string> {
  return kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')
}

export const rolloutCases: KubectlCase[] = [
  {
    title: 'rollout status ends when the rollout has',
    async run(scope) {
      await scope.feed(deployment('web', { replicas: 2 }), 'create', '-f', '-')
      const said = await scope.kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
      assert.match(said, /deployment "web" successfully rolled out\n$/)
    },
  },
  {
    title: 'set image rolls out, undo rolls back, history counts the revisions',
    async run(scope) {
      const { kubectl } = scope
      await roll(scope)
      assert.is(
        await kubectl('set', 'image', 'deploy/web', 'main=nginx:2'),
        'deployment.apps/web image updated\n',
      )
      await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
      assert.match(await kubectl('rollout', 'history', 'deploy/web'), /\n1 +<none>\n2 +<none>\n/)
      assert.is(await kubectl('rollout', 'undo', 'deploy/web'), 'deployment.apps/web rolled back\n')
      await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
      assert.is(await imageOf(scope), 'nginx:1')
      assert.match(await kubectl('rollout', 'history', 'deploy/web'), /\n2 +<none>\n3 +<none>\n/)
    },
  },
  {
    title: 'rollout restart makes new pods',
    async run(scope) {
      const { kubectl } = scope
      await roll(scope)
      const before = await kubectl('get', 'pods', '-o', 'name')
      await kubectl('rollout', 'restart', 'deploy/web')
      await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
      await kubectl('wait', '--for=delete', before.trim(), '--timeout=30s')
    },
  },
  {
    title: 'rollout status fails when the deadline is over',
    async run({ feed, fails }) {
      await feed(
        deployment('web', { progressDeadlineSeconds: 1 }, { image: 'nginx:missing' }),
        'create',
        '-f',
        '-',
      )
      assert.match(
        await fails('rollout', 'status', 'deploy/web', '--timeout=30s'),
        /error: deployment "web" exceeded its progress deadline/,
      )
    },
  },
  {
    title: 'scale sets the number of pods, and only from the number it expects',
    async run(scope) {
      const { kubectl, fails } = scope
      await roll(scope)
      assert.is(
        await kubectl('scale', 'deploy/web', '--replicas=3'),
        'deployment.apps/web scaled\n',
      )
      await kubectl(
        'wait',
        '--for=jsonpath={.status.readyReplicas}=3',
        'deploy/web',
        '--timeout=30s',
      )
      assert.match(
        await fails('scale', 'deploy/web', '--current-replicas=7', '--replicas=1'),
        /Expected replicas to be 7, was 3/,
      )
    },
  },
  {
    title: 'pause and resume',
    async run(scope) {
      const { kubectl } = scope
      await roll(scope)
      assert.is(await kubectl('rollout', 'pause', 'deploy/web'), 'deployment.apps/web paused\n')
      await kubectl('set', 'image', 'deploy/web', 'main=nginx:2')
      await kubectl('wait', '--for=condition=Progressing=Unknown', 'deploy/web', '--timeout=30s')
      assert.is((await kubectl('get', 'rs', '-o', 'name')).trim().split('\n').length, 1)
      await kubectl('rollout', 'resume', 'deploy/web')
      await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    },
  },
  {
    title: 'a job completes; a run pod is gone when asked to be removed',
    async run({ kubectl }) {
      await kubectl('create', 'job', 'work', '--image=busybox')
      await kubectl('wait', '--for=condition=Complete', 'job/work', '--timeout=30s')
      assert.match(await kubectl('get', 'job', 'work'), /\nwork +Complete +1\/1 /)
      await kubectl('delete', 'job', 'work')
      await kubectl('wait', '--for=delete', 'pod', '-l', 'job-name=work', '--timeout=30s')
    },
  },
  {
    title: 'expose makes a Service, autoscale an autoscaler',
    async run(scope) {
      const { kubectl } = scope
      await roll(scope)
      assert.is(await kubectl('expose', 'deploy', 'web', '--port=80'), 'service/web exposed\n')
      assert.is(
        await kubectl('autoscale', 'deploy', 'web', '--min=1', '--max=3'),
        'horizontalpodautoscaler.autoscaling/web autoscaled\n',
      )
      assert.is(await kubectl('get', 'svc', 'web', '-o', 'jsonpath={.spec.selector.app}'), 'web')
    },
  },
]
