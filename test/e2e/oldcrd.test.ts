// The image was replaced and the CRD was not: what it does not know of a status is remembered as long as the operator runs.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countPasses } from '../helpers/passes.ts'
import { withStage, type Scene } from '../helpers/stage.ts'

const test = suite('with the CRD of fluxcd/helm-operator')

const rollback = { enable: true }
const more = ['configmap', 'more']
const valuesFrom = [{ configMapKeyRef: { name: 'more' } }]

// Takes away what that CRD does not have: fields are pruned, and a condition of an unknown type is refused.
async function makeOld({ operator }: Scene): Promise<void> {
  const status = '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties'
  const ours = ['history', 'lastAttempt', 'installFailures', 'releaseNamespace']
  const types = `${status}/conditions/items/properties/type/enum`
  const patch = [
    ...ours.map((field) => ({ op: 'remove', path: `${status}/${field}` })),
    { op: 'test', path: `${types}/5`, value: 'Ready' },
    { op: 'remove', path: `${types}/5` },
  ]
  const crd = ['crd', 'helmreleases.helm.fluxcd.io']
  await operator.kubectl('patch', ...crd, '--type=json', '-p', JSON.stringify(patch))
}

test('what has failed is not repeated before its time, and what is in sync is left alone', () =>
  withStage([], async (open) => {
    const [failing, good, back] = await Promise.all([open(), open(), open()])
    await makeOld(good)
    const scenes = [failing, good, back]
    for (const { kubectl } of scenes)
      await kubectl('create', ...more, '--from-literal=values.yaml=')
    await failing.write({ valuesFrom, values: { break: 1 } })
    await good.write({ valuesFrom, values: { a: 1.5, b: null } })
    await back.write({ valuesFrom, rollback })
    await Promise.all([good.rests('Succeeded'), back.rests('Succeeded')])
    await back.write({ valuesFrom, rollback, values: { break: 1 } })
    await Promise.all([back.rests('RolledBack'), failing.rests('DeployFailed')])
    // Each is looked at again, for a reason that changes nothing.
    const passes = await countPasses(good.operator)
    for (const { namespace, kubectl } of scenes)
      await passes.after(() => kubectl('annotate', ...more, 'touched=yes'), 'web', namespace)
    assert.equal(failing.phases(), ['ChartFetched', 'Installing', 'DeployFailed'])
    assert.equal(failing.conditions(), ['ChartFetched T', 'Deployed F', 'Released F'])
    assert.equal(good.history(), ['1 deployed'])
    assert.equal(back.history(), ['3 deployed', '2 failed', '1 superseded'])
    assert.not.ok('history' in good.status())
  }))

test.run()
