import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { autoscalerInVersion } from '../../lib/sandbox/autoscaler.ts'
import type { Obj } from '../../lib/sandbox/types.ts'

const test = suite('autoscalerInVersion()')

const processor = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
}
const requests = { type: 'Pods', pods: { metric: { name: 'requests' } } }
const second = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', annotations: { mine: '1' } },
  spec: { maxReplicas: 3, metrics: [processor, requests], behavior: { scaleDown: {} } },
  status: { desiredReplicas: 1, conditions: [{ type: 'AbleToScale', status: 'True' }] },
} as unknown as Obj

test('shows the processor in the field that v1 has for it, and nothing that v1 does not know', () => {
  const first = autoscalerInVersion(second, 'autoscaling/v1')
  assert.equal(first['spec'], { maxReplicas: 3, targetCPUUtilizationPercentage: 70 })
  assert.equal(first['status'], { desiredReplicas: 1 })
  assert.is(first.apiVersion, 'autoscaling/v1')
})

test('loses nothing on the way to v1 and back', () => {
  const back = autoscalerInVersion(autoscalerInVersion(second, 'autoscaling/v1'), 'autoscaling/v2')
  assert.equal(back, second)
})

test('makes a metric of the percentage of v1', () => {
  const spec = { maxReplicas: 3, targetCPUUtilizationPercentage: 70 }
  const first = { ...second, apiVersion: 'autoscaling/v1', metadata: { name: 'web' }, spec } as Obj
  const found = autoscalerInVersion(first, 'autoscaling/v2')
  assert.equal(found['spec'], { maxReplicas: 3, metrics: [processor] })
})

test.run()
