// Roles that gather the rules of others come to rest, whomever they gather from.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rulesOf } from '../../../lib/sandbox/auth/rbac/authorize.ts'
import { createSandbox } from '../../../lib/sandbox/sandbox.ts'
import type { Obj } from '../../../lib/sandbox/types.ts'
import { manualClock, steadyRandom } from '../../helpers/hollow.ts'

const test = suite('aggregated roles')

const resource = 'clusterroles.rbac.authorization.k8s.io'
const reading = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]

function role(name: string, from: string, labels: object): Obj {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: labels as Record<string, string> },
    ...(from === ''
      ? { rules: reading }
      : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { in: from } }] } }),
  }
}

test('roles that gather from each other have the rules of both', () => {
  const { api } = createSandbox({ clock: manualClock(), random: steadyRandom() })
  api.create(resource, role('a', 'circle', { in: 'circle' }))
  api.create(resource, role('b', 'circle', { in: 'circle' }))
  api.create(resource, role('part', '', { in: 'circle' }))
  for (const name of ['a', 'b'])
    assert.equal(rulesOf(api.get(resource, undefined, name)!), reading, name)
})

test('rules wander through roles that gather from those that gather', () => {
  const { api } = createSandbox({ clock: manualClock(), random: steadyRandom() })
  api.create(resource, role('a', 'first', {}))
  api.create(resource, role('b', 'second', { in: 'first' }))
  api.create(resource, role('c', 'third', { in: 'second' }))
  api.create(resource, role('part', '', { in: 'third' }))
  for (const name of ['a', 'b', 'c'])
    assert.equal(rulesOf(api.get(resource, undefined, name)!), reading, name)
})

test.run()
