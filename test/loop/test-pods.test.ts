import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ResourceType } from '../../lib/model/ports.ts'
import type { Status } from '../../lib/api/legacy/status.ts'
import { configMap } from '../helpers/chart.ts'
import { withLoop, type LoopBench } from '../helpers/loop.ts'

const test = suite('failed tests of a release')

const pods: ResourceType = { group: '', version: 'v1', plural: 'pods', namespaced: true }

// As many charts do, it makes up a name for each revision, so that Helm finds no pod to delete before the next one.
const testPod = `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test-{{ randAlphaNum 5 | lower }}
  annotations:
    helm.sh/hook: test
    hollow/exit-code: {{ .Values.exit | quote }}
spec:
  restartPolicy: Never
  containers:
    - name: check
      image: busybox
      command: [sh, -c, 'echo "no answer from the database"; exit {{ .Values.exit }}']
`
const chart = {
  'values.yaml': 'exit: 3\n',
  'templates/config.yaml': configMap,
  'templates/tests/check.yaml': testPod,
}

const tested = ({ conditions }: Status) => conditions.find(({ type }) => type === 'Tested')
const isOver = (generation: number) => (status: Status) =>
  status.observedGeneration === generation &&
  ['True', 'False'].includes(tested(status)?.status ?? '')

async function testPods({ cluster, namespace }: LoopBench): Promise<string[]> {
  const { items } = await cluster.list(pods, { namespace })
  return items.map(({ metadata }) => metadata.name)
}

const keepFailed = { install: { keepFailed: true }, test: { enable: true } }

test('are explained with the container, its exit code and the end of its log', async () => {
  await withLoop({ chart }, async (bench) => {
    await bench.write(keepFailed)
    const status = await bench.settled('the verdict', isOver(1))
    assert.is(status.phase, 'TestFailed')
    const message = tested(status)?.message ?? ''
    assert.match(message, /container "check" of pod ".*-test-.*" ended with exit code 3/)
    assert.match(message, /; its log ends with: .*no answer from the database/)
  })
})

for (const [title, cleanup, expected] of [
  ['leave the pod of the last try only', true, 1],
  ['leave every pod where the spec asks to keep them', false, 2],
] as const)
  test(title, async () => {
    await withLoop({ chart }, async (bench) => {
      await bench.write({ ...keepFailed, test: { enable: true, cleanup } })
      await bench.settled('the first verdict', isOver(1))
      const [first] = await testPods(bench)
      await bench.write({ ...keepFailed, test: { enable: true, cleanup }, values: { exit: 4 } })
      await bench.settled('the second verdict', isOver(2))
      const left = await testPods(bench)
      assert.is(left.length, expected)
      assert.is(left.includes(first!), !cleanup)
    })
  })

test.run()
