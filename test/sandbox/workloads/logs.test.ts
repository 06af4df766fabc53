import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { podLogs } from '../../../lib/sandbox/workloads/logs.ts'
import { hollowCluster } from '../../helpers/hollow.ts'
import { container, pod, shell } from '../../helpers/manifests.ts'

const test = suite('podLogs()')

function logsOf(script: string, afterMs: number, restartPolicy = 'Never'): string | undefined {
  const cluster = hollowCluster()
  cluster.make(pod('p', { restartPolicy, containers: [container(shell(script))] }))
  cluster.advance(afterMs)
  return podLogs(cluster.get('pods', 'p'))
}

test('a container that has not started has said nothing', () => {
  assert.is(logsOf('echo hello', 5), '')
})

test('what a script echoes is logged', () => {
  assert.match(logsOf('echo "migration done"; sleep 9', 100) ?? '', /^\S+Z migration done\n$/)
})

test('a container that failed says with which code', () => {
  assert.match(logsOf('echo one; exit 3', 500) ?? '', /one\n\S+Z exited with code 3\n$/)
})

test('a container in CrashLoopBackOff shows its last run', () => {
  assert.match(logsOf('exit 3', 400, 'Always') ?? '', /exited with code 3/)
})

test('a container that says nothing logs what it runs', () => {
  assert.match(
    logsOf('exec server --port 80', 100) ?? '',
    /app:1: running sh -c exec server --port 80\n$/,
  )
})

test('there are no logs of a container that the pod does not have', () => {
  const cluster = hollowCluster()
  cluster.make(pod('p'))
  assert.is(podLogs(cluster.get('pods', 'p'), 'other'), undefined)
})

test.run()
