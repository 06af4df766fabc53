// What every Helm must do when driven by createHelmDriver(), whichever its major version. Run by test/edge/helm*.test.ts.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, deployment, hookPod } from '../helpers/chart.ts'
import { configMaps } from '../helpers/helm.ts'
import { checkChoices } from './helmchoices.ts'
import { checkFetching } from './helmfetching.ts'
import { checkIdentity } from './helmidentity.ts'
import { checkRendering } from './helmrendering.ts'
import { checkStorage } from './helmstorage.ts'
import { checksOf, refusal, type Check } from './helmwords.ts'

const simple = { 'templates/config.yaml': configMap }
const working = { 'templates/config.yaml': configMap, 'templates/web.yaml': deployment }

/** Registers and runs the contract for one major version. */
export function helmContract(major: 3 | 4): void {
  const test = suite(`Helm ${major} driver`)
  const check = checksOf(test, major)
  checkActions(check)
  checkFailures(check)
  checkRefusals(check)
  checkChoices(check)
  checkIdentity(check)
  checkStorage(check)
  checkRendering(check)
  checkFetching(check)
  test.run()
}

function checkActions(check: Check): void {
  check('install() and upgrade() leave deployed revisions', simple, async (web, chart) => {
    await web.install(chart, { values: { data: { a: '1' } } })
    assert.equal(await web.revisions(), ['1 deployed'])
    await web.upgrade(chart, { values: { data: { a: '2' } } })
    assert.equal(await web.revisions(), ['2 deployed', '1 superseded'])
    assert.equal(await web.data(), { a: '2' })
    const [newest] = await web.history()
    assert.equal(newest?.config, { data: { a: '2' } })
    assert.is(newest?.chart.name, 'web')
    assert.is(newest?.applyMethod, 'client')
  })

  check('rollback() goes back to a revision', simple, async (web, chart, { driver }) => {
    await web.install(chart, { values: { data: { a: '1' } } })
    await web.upgrade(chart, { values: { data: { a: '2' } } })
    await driver.rollback({ ...web.call(), revision: 1 })
    assert.equal(await web.revisions(), ['3 deployed', '2 superseded', '1 superseded'])
    assert.equal(await web.data(), { a: '1' })
    const gone = await refusal(driver.rollback({ ...web.call(), revision: 9 }))
    assert.is(gone.code, 'RollbackFailed')
  })

  const tested = { 'templates/t.yaml': hookPod('test') }
  check('test() passes and fails with the test pods', tested, async (web, chart, { driver }) => {
    await web.install(chart)
    assert.equal((await web.history())[0]?.hookEvents, ['test'])
    await driver.test(web.call())
    await web.upgrade(chart, { values: { exit: 1 } })
    const { code, message } = await refusal(driver.test(web.call()))
    assert.is(code, 'TestFailed')
    assert.match(message, 'Cannot test release "web"')
    assert.match(message, 'web-test')
  })

  const title = 'uninstall() leaves nothing, and is content with nothing'
  check(title, simple, async (web, chart, { cluster, namespace }) => {
    await web.install(chart)
    await web.uninstall()
    assert.equal(await web.revisions(), [])
    assert.is(await cluster.get(configMaps, 'web', namespace), undefined)
    await web.uninstall()
  })
}

function checkFailures(check: Check): void {
  check('a failed upgrade leaves a failed revision, no dead end', working, async (web, chart) => {
    await web.install(chart)
    const { code, message } = await refusal(
      web.upgrade(chart, {
        values: { nowhere: true },
        release: { wait: true, timeoutMs: 2_000 },
      }),
    )
    assert.is(code, 'UpgradeFailed')
    assert.match(message, 'not everything was ready within 2 s')
    assert.equal(await web.revisions(), ['2 failed', '1 deployed'])
    await web.upgrade(chart)
    assert.equal(await web.revisions(), ['3 deployed', '2 failed', '1 superseded'])
  })

  const hooked = { ...simple, 'templates/h.yaml': hookPod('pre-install') }
  check('a first install that failed is upgraded', hooked, async (web, chart) => {
    const { code, message } = await refusal(web.install(chart, { values: { exit: 1 } }))
    assert.is(code, 'InstallFailed')
    assert.match(message, 'its pre-install hook failed')
    assert.equal(await web.revisions(), ['1 failed'])
    await web.upgrade(chart, { values: { data: { a: '1' } } })
    assert.equal((await web.revisions())[0], '2 deployed')
    assert.equal(await web.data(), { a: '1' })
  })
}

function checkRefusals(check: Check): void {
  const widget = 'apiVersion: x.io/v1\nkind: Widget\nmetadata: {name: w}'
  const long = 'a'.repeat(54)
  for (const [situation, files, over, expected, words] of [
    [
      'a template error',
      { 'templates/a.yaml': 'a: {{ .Values.x.y }}' },
      {},
      'RenderFailed',
      'web/templates/a.yaml:1:',
    ],
    [
      'values that break the schema',
      { ...simple, 'values.schema.json': '{"properties":{"data":{"type":"object"}}}' },
      { values: { data: 'text' } },
      'ValuesSchemaViolated',
      'values.schema.json',
    ],
    [
      'a kind without a CRD',
      { 'templates/w.yaml': widget },
      {},
      'KindNotServed',
      'install its CRD first',
    ],
    [
      'a name that is too long',
      simple,
      { release: { releaseName: long } },
      'InvalidReleaseName',
      '54',
    ],
    [
      'a flag for a name',
      simple,
      { release: { releaseName: '--dry-run=client' } },
      'InvalidReleaseName',
      'dry-run',
    ],
    [
      'a namespace that is missing',
      simple,
      { release: { targetNamespace: 'nowhere' } },
      'TargetNamespaceNotFound',
      'Cannot install release "web" in namespace "nowhere": namespace "nowhere" does not exist',
    ],
  ] as const) {
    check(`${situation} is told and leaves no revision`, files, async (web, chart) => {
      const { code, message } = await refusal(web.install(chart, over))
      assert.is(code, expected)
      assert.match(message, words)
      assert.equal(await web.revisions(), [])
    })
  }
}
