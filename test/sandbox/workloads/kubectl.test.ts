// What a person sees of workloads that fail, through the real kubectl.
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../../lib/edge/exec.ts'
import { testBinaries } from '../../helpers/binaries.ts'
import { container, pod, shell, type Manifest } from '../../helpers/manifests.ts'
import { withSandbox } from '../../helpers/sandbox.ts'
import { until } from '../../helpers/until.ts'

const test = suite('failing workloads, seen with kubectl')

type Kubectl = (...args: string[]) => Promise<string>

async function withPods(pods: Manifest[], use: (kubectl: Kubectl) => Promise<void>): Promise<void> {
  const { kubectl: program } = await testBinaries()
  await withSandbox({ workloads: {} }, async ({ sandbox, kubeconfig, directory }) => {
    const run = createRunner({ env: process.env })
    const env = { KUBECONFIG: kubeconfig, KUBECACHEDIR: `${directory}/cache` }
    for (const one of pods)
      sandbox.api.create('pods', { ...one, metadata: { ...one.metadata, namespace: 'default' } })
    await use(async (...args) => (await run([program, ...args], { env })).stdout)
  })
}

function server(name: string, more: object): Manifest {
  return pod(name, { restartPolicy: 'Always', containers: [container(more)] })
}

test('get pods names the reason in the column STATUS', async () => {
  const pods = [
    server('image', { image: 'app:missing' }),
    server('crash', shell('exit 3')),
    server('env', { envFrom: [{ secretRef: { name: 'no' } }] }),
    pod('task', { containers: [container(shell('exit 4'))] }),
    pod('init', { initContainers: [container({ name: 'i', ...shell('sleep 600') })] }),
  ]
  await withPods(pods, async (kubectl) => {
    const expected = [
      'crash CrashLoopBackOff',
      'env CreateContainerConfigError',
      'image ImagePullBackOff',
      'init Init:0/1',
      'task Error',
    ]
    let seen: string[] = []
    await until('every status', async () => {
      const lines = (await kubectl('get', 'pods', '--no-headers')).trim().split('\n')
      seen = lines.map((line) => line.split(/\s+/)).map(([name, , status]) => `${name} ${status}`)
      return seen.join() === expected.join()
    }).catch(() => assert.equal(seen, expected))
  })
})

test('describe and logs say why a container keeps ending', async () => {
  await withPods([server('crash', shell('echo "no database"; exit 3'))], async (kubectl) => {
    await kubectl(
      'wait',
      '--for=jsonpath={.status.containerStatuses[0].restartCount}=2',
      'pod/crash',
    )
    const text = await kubectl('describe', 'pod', 'crash')
    assert.match(text, /Last State: +Terminated\n +Reason: +Error\n +Exit Code: +3/)
    assert.match(text, /Warning +BackOff .*Back-off restarting failed container main in pod crash/)
    assert.match(await kubectl('logs', 'crash'), /no database\n.* exited with code 3\n$/)
  })
})

test.run()
