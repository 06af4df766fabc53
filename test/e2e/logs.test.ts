// What a running operator logs: what scripts search for, the keys they filter by, and never a secret.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, hookPod } from '../helpers/chart.ts'
import { withOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('logs')

const files = { 'templates/configmap.yaml': configMap, 'templates/hook.yaml': hookPod('test') }
// Says when rendered what a value is, and what it was.
const chatty = `{{- if .Values.fail }}
{{- $live := lookup "v1" "ConfigMap" .Release.Namespace .Release.Name }}
{{- fail (printf "it is %s and was %s" .Values.data.user $live.data.user) }}
{{- end }}
`

type Line = Record<string, unknown>

function linesOf(log: string): Line[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

test('has the messages that scripts search for, with the keys they filter by', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    await repository.add('web', '2.0.0', { 'templates/broken.yaml': '{{ fail "no" }}' })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const tested = { chart, test: { enable: true, ignoreFailures: true } }
    const strict = { chart, test: { enable: true } }
    await withOperator(['--log-format=json'], async ({ apply, kubectl, condition, log }) => {
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Released', 'True')
      const says = (message: string): Promise<Line> =>
        until(`the log says ${message}`, () =>
          linesOf(log()).find((line) =>
            [line['info'], line['warning'], line['error']].includes(message),
          ),
        )
      await kubectl('annotate', 'hr/web', 'example.com/look=now')
      await says('in sync, found without running dry-run upgrade to compare with release')
      await apply(helmReleaseYaml('web', { ...tested, values: { exit: 1 } }))
      await says('upgrade succeeded')
      await says('test failed - ignoring failures')
      await apply(helmReleaseYaml('web', { ...strict, values: { exit: 2 } }))
      await says('test failed')
      await apply(helmReleaseYaml('web', { chart: { ...chart, version: '2.0.0' } }))
      const failed = await says('upgrade failed')
      await kubectl('delete', 'hr/web', '--timeout=20s')
      await says('running uninstall')

      const { ts, tookMs, err, ...rest } = failed
      assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
      assert.type(tookMs, 'number')
      assert.match(String(err), /^Cannot upgrade release "default-web"/)
      assert.equal(rest, {
        component: 'release',
        release: 'default-web',
        targetNamespace: 'default',
        resource: 'default:helmrelease/web',
        helmVersion: 'v4',
        error: 'upgrade failed',
        action: 'upgrade',
        revision: 3,
      })
    })
  }))

test('secrets are in no line of the log, no event, no status and no diff', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { ...files, 'templates/chatty.yaml': chatty })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const valuesFrom = [{ secretKeyRef: { name: 'db', namespace: 'default' } }]
    const secretYaml = (text: string): string =>
      `---\napiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: default }\nstringData:\n  values.yaml: ${JSON.stringify(text)}\n`
    const canaries = ['canary-one-7Tq', 'canary-two-9Zx', 'canary-six-4Kd']
    const secrets = canaries.map((canary) => secretYaml(`data: { user: ${canary} }`))
    const hides = (text: string): void => {
      for (const canary of canaries) {
        assert.not.match(text, canary)
        assert.not.match(text, Buffer.from(canary).toString('base64').slice(0, 12))
      }
    }
    await withOperator(['--log-release-diffs'], async ({ api, apply, condition, log, read }) => {
      await apply(secrets[0]!)
      await apply(helmReleaseYaml('web', { chart, valuesFrom }))
      await condition('web', 'Released', 'True')
      await apply(secrets[1]!)
      await until('the change is logged', () => log().includes('~ values.data.user: *** -> ***'))
      await until('the change is made', () => {
        const { data } = api.get('configmaps', 'default', 'default-web') as { data?: object }
        return JSON.stringify(data).includes(canaries[1]!)
      })
      await apply(helmReleaseYaml('web', { chart, valuesFrom, values: { fail: true, plain: 7 } }))
      assert.match(await condition('web', 'Released', 'False'), 'it is *** and was ***')
      assert.match(log(), '+ values.plain: 7')
      // What it was is in no Secret any more.
      const before = log().length
      await apply(secrets[2]!)
      await until('it has failed again', () => log().slice(before).includes('upgrade failed'))
      hides(JSON.stringify(read('web')))
      await apply(secretYaml(`data: {{ ${canaries[2]}`))
      await until('the broken Secret is reported', () => log().includes('Cannot use values'))
      const events = JSON.stringify(api.list('events'))
      assert.match(events, 'it is *** and was ***')
      for (const text of [log(), events, JSON.stringify(read('web'))]) hides(text)
    })
  }))

test('flags without a meaning are named once', () =>
  withOperator(['--tiller-ip=10.0.0.1', '--helm-repository-import=v2:/x'], async ({ log }) => {
    await until('it has started', () => log().includes('info=started'))
    assert.is(log().match(/warning="flag has no effect" flag=--tiller-ip/g)?.length, 1)
    assert.is(log().match(/warning="repositories not imported"/g)?.length, 1)
  }))

test.run()
