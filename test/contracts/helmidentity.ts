// As whom every Helm acts: everything that it does for a release, it does as the release's service account.
import * as assert from 'uvu/assert'
import type { Identity } from '../../lib/model/identity.ts'
import { configMap, hookPod } from '../helpers/chart.ts'
import type { HelmBench } from '../helpers/helm.ts'
import { refusal, type Check } from './helmwords.ts'

const lookup = `{{- $system := lookup "v1" "ConfigMap" .Values.from .Values.name }}
apiVersion: v1
kind: ConfigMap
metadata: { name: looked }
data: { found: {{ $system | toJson | quote }} }
`
const whole = {
  'templates/config.yaml': configMap,
  'templates/hook.yaml': hookPod('pre-install'),
  'templates/test.yaml': hookPod('test'),
}

/** A service account of the bench's namespace that may do these things there. */
async function accountWith(
  { kubectl, namespace }: HelmBench,
  name: string,
  resources: string,
): Promise<Identity> {
  const here = `--namespace=${namespace}`
  await kubectl('create', 'serviceaccount', name, here)
  await kubectl('create', 'role', name, '--verb=*', `--resource=${resources}`, here)
  const subject = `--serviceaccount=${namespace}:${name}`
  await kubectl('create', 'rolebinding', name, `--role=${name}`, subject, here)
  return { namespace, name }
}

export function checkIdentity(check: Check): void {
  check(
    'a service account with the rights of a chart is enough',
    whole,
    async (web, chart, bench) => {
      const identity = await accountWith(bench, 'tenant', 'secrets,configmaps,pods')
      await web.install(chart, { release: { identity } })
      await web.upgrade(chart, { release: { identity }, values: { data: { a: '2' } } })
      await bench.driver.test(web.call({ release: { identity } }))
      await bench.driver.rollback({ ...web.call({ release: { identity } }), revision: 1 })
      assert.equal(await web.revisions(), ['3 deployed', '2 superseded', '1 superseded'])
      await web.uninstall(identity)
      assert.equal(await web.revisions(), [])
    },
  )

  check('hooks are refused what the account may not', whole, async (web, chart, bench) => {
    const identity = await accountWith(bench, 'tenant', 'secrets,configmaps')
    const { code, message } = await refusal(web.install(chart, { release: { identity } }))
    assert.is(code, 'Forbidden')
    assert.match(message, 'service account "tenant" in namespace "')
    assert.match(message, /may not \w+ pods in namespace/)
  })

  check(
    'lookup finds nothing that the account may not read',
    { 'templates/lookup.yaml': lookup },
    async (web, chart, bench) => {
      const identity = await accountWith(bench, 'tenant', 'secrets,configmaps')
      const values = { from: 'kube-system', name: 'extension-apiserver-authentication' }
      const { message } = await refusal(web.install(chart, { release: { identity }, values }))
      assert.match(message, /forbidden|may not get configmaps in namespace "kube-system"/)
    },
  )

  check('a release is refused to an account without rights', whole, async (web, chart, bench) => {
    const identity = { namespace: bench.namespace, name: 'nobody' }
    await web.install(chart)
    for (const refused of [
      () => web.upgrade(chart, { release: { identity } }),
      () => bench.driver.test(web.call({ release: { identity } })),
      () => bench.driver.rollback({ ...web.call({ release: { identity } }), revision: 1 }),
      () => web.uninstall(identity),
    ])
      assert.is((await refusal(refused())).code, 'Forbidden')
    assert.equal(await web.revisions(), ['1 deployed'])
  })
}
