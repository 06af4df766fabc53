// What every Helm must do when driven by createHelmDriver(), whichever its major version. Run by test/edge/helm*.test.ts.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import type { Artifact } from '../../lib/model/source.ts'
import { configMap, deployment, hookPod, writeChart } from '../helpers/chart.ts'
import { withHelm, type HelmBench } from '../helpers/helm.ts'
import { processesWith } from '../helpers/processes.ts'
import { helmRelease } from '../helpers/release.ts'
import { until } from '../helpers/until.ts'

type Upgrade = { values?: JsonObject; release?: Partial<HelmRelease>; secrets?: string[] }

/** Short words for one release "web" of one bench. */
function webOf(bench: HelmBench) {
  const { driver, storage, namespace } = bench
  const release = (over: Partial<HelmRelease> = {}): HelmRelease =>
    helmRelease({ releaseName: 'web', targetNamespace: namespace, timeoutMs: 20_000, ...over })
  const call = (over: Upgrade & { signal?: AbortSignal } = {}) => ({
    release: release(over.release),
    timeoutMs: over.release?.timeoutMs ?? 20_000,
    secrets: over.secrets ?? [],
    signal: over.signal ?? new AbortController().signal,
  })
  return {
    release,
    call,
    install: (artifact: Artifact, over: Upgrade = {}) =>
      driver.install({ ...call(over), artifact, values: over.values ?? {} }),
    upgrade: async (artifact: Artifact, over: Upgrade = {}) => {
      const [newest] = await storage.history(namespace, 'web')
      const { applyMethod = 'client' } = newest ?? {}
      await driver.upgrade({ ...call(over), artifact, values: over.values ?? {}, applyMethod })
    },
    uninstall: () => driver.uninstall({ ...call(), ...release() }),
    history: () => storage.history(namespace, 'web'),
    // "2 failed", newest first.
    revisions: async () =>
      (await storage.history(namespace, 'web')).map((one) => `${one.revision} ${one.status}`),
    data: async () =>
      JSON.parse(
        await bench.kubectl('get', 'configmap', 'web', '-n', namespace, '-o', 'jsonpath={.data}'),
      ),
  }
}

async function refusal(promise: Promise<unknown>): Promise<ReconcileError> {
  const error = await promise.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  )
  if (error instanceof ReconcileError) return error
  throw error
}

const simple = { 'templates/config.yaml': configMap }

/** Registers the contract for one major version. */
export function helmContract(major: 3 | 4): void {
  const test = suite(`Helm ${major} driver`)
  const check = (
    title: string,
    files: Readonly<Record<string, string>>,
    body: (web: ReturnType<typeof webOf>, chart: Artifact, bench: HelmBench) => Promise<void>,
  ): void =>
    test(title, () =>
      withHelm(major, async (bench) => {
        await body(webOf(bench), await writeChart(join(bench.directory, 'chart'), files), bench)
      }),
    )

  check(
    'install() and upgrade() leave deployed revisions',
    simple,
    async (web, chart, { storage, namespace }) => {
      await web.install(chart, { values: { data: { a: '1' } } })
      assert.equal(await web.revisions(), ['1 deployed'])
      await web.upgrade(chart, { values: { data: { a: '2' } } })
      assert.equal(await web.revisions(), ['2 deployed', '1 superseded'])
      assert.equal(await web.data(), { a: '2' })
      const [newest] = await storage.history(namespace, 'web')
      assert.equal(newest?.config, { data: { a: '2' } })
      assert.is(newest?.chart.name, 'web')
      assert.is(newest?.applyMethod, major === 3 ? 'client' : 'server')
    },
  )

  check('install() creates no namespace', simple, async (web, chart) => {
    const release = { targetNamespace: 'nowhere' }
    const { code, message } = await refusal(web.install(chart, { release }))
    assert.is(code, 'TargetNamespaceNotFound')
    assert.match(
      message,
      'Cannot install release "web" in namespace "nowhere": namespace "nowhere" does not exist',
    )
  })

  check(
    'a template error leaves no revision',
    { 'templates/a.yaml': 'a: {{ .Values.x.y }}' },
    async (web, chart) => {
      const { code, message } = await refusal(web.install(chart))
      assert.is(code, 'RenderFailed')
      assert.match(message, 'web/templates/a.yaml:1:')
      assert.equal(await web.revisions(), [])
    },
  )

  check(
    'values that break the schema leave no revision',
    { ...simple, 'values.schema.json': '{"properties":{"data":{"type":"object"}}}' },
    async (web, chart) => {
      const { code } = await refusal(web.install(chart, { values: { data: 'text' } }))
      assert.is(code, 'ValuesSchemaViolated')
      assert.equal(await web.revisions(), [])
    },
  )

  check(
    'a kind without a CRD is named',
    { 'templates/a.yaml': 'apiVersion: x.io/v1\nkind: Widget\nmetadata: {name: w}' },
    async (web, chart) => {
      assert.match((await refusal(web.install(chart))).message, 'install its CRD first')
    },
  )

  check('a name that Helm refuses', simple, async (web, chart) => {
    const { code } = await refusal(web.install(chart, { release: { releaseName: 'a'.repeat(54) } }))
    assert.is(code, 'InvalidReleaseName')
  })

  check(
    'a failed upgrade leaves a failed revision, and the next one goes through',
    { 'templates/d.yaml': deployment, 'templates/c.yaml': configMap },
    async (web, chart) => {
      await web.install(chart)
      const impatient = { wait: true, timeoutMs: 2_000 }
      const { code, message } = await refusal(
        web.upgrade(chart, { values: { nowhere: true }, release: impatient }),
      )
      assert.is(code, 'UpgradeFailed')
      assert.match(message, 'not everything was ready within 2 s')
      assert.equal(await web.revisions(), ['2 failed', '1 deployed'])
      await web.upgrade(chart)
      assert.equal(await web.revisions(), ['3 deployed', '2 failed', '1 superseded'])
    },
  )

  check(
    'a failed first install is upgraded',
    { 'templates/d.yaml': deployment },
    async (web, chart) => {
      const impatient = { wait: true, timeoutMs: 1_000 }
      await refusal(web.install(chart, { values: { nowhere: true }, release: impatient }))
      assert.equal(await web.revisions(), ['1 failed'])
      await web.upgrade(chart)
      assert.equal(await web.revisions(), ['2 deployed', '1 superseded'])
    },
  )

  check('rollback() goes back to a revision', simple, async (web, chart, { driver }) => {
    await web.install(chart, { values: { data: { a: '1' } } })
    await web.upgrade(chart, { values: { data: { a: '2' } } })
    await driver.rollback({ ...web.call(), revision: 1 })
    assert.equal(await web.revisions(), ['3 deployed', '2 superseded', '1 superseded'])
    assert.equal(await web.data(), { a: '1' })
    const gone = await refusal(driver.rollback({ ...web.call(), revision: 9 }))
    assert.is(gone.code, 'RollbackFailed')
  })

  check(
    'test() passes and fails with the test pods',
    { 'templates/t.yaml': hookPod('test') },
    async (web, chart, { driver }) => {
      await web.install(chart)
      assert.equal((await web.history())[0]?.hookEvents, ['test'])
      await driver.test(web.call())
      await web.upgrade(chart, { values: { exit: 1 } })
      const { code, message } = await refusal(driver.test(web.call()))
      assert.is(code, 'TestFailed')
      assert.match(message, 'Cannot test release "web"')
      assert.match(message, 'web-test')
    },
  )

  check(
    'a hook that fails is named',
    { 'templates/h.yaml': hookPod('pre-install') },
    async (web, chart) => {
      const { code, message } = await refusal(web.install(chart, { values: { exit: 1 } }))
      assert.is(code, 'InstallFailed')
      assert.match(message, 'its pre-install hook failed')
      assert.equal(await web.revisions(), ['1 failed'])
    },
  )

  check(
    'uninstall() leaves nothing, and is content with nothing',
    simple,
    async (web, chart, { cluster, namespace }) => {
      await web.install(chart)
      await web.uninstall()
      assert.equal(await web.revisions(), [])
      const configMaps = { group: '', version: 'v1', plural: 'configmaps', namespaced: true }
      assert.is(await cluster.get(configMaps, 'web', namespace), undefined)
      await web.uninstall()
    },
  )

  check('an upgrade keeps maxHistory revisions', simple, async (web, chart) => {
    await web.install(chart)
    for (const maxHistory of [2, 2, 2]) await web.upgrade(chart, { release: { maxHistory } })
    assert.equal(await web.revisions(), ['4 deployed', '3 superseded'])
  })

  check(
    'an upgrade starts from the chart’s values, or from the last ones where asked',
    simple,
    async (web, chart) => {
      await web.install(chart, { values: { data: { a: '1' } } })
      await web.upgrade(chart, { values: { data: { b: '2' } }, release: { resetValues: false } })
      assert.equal(await web.data(), { a: '1', b: '2' })
      await web.upgrade(chart, { values: { data: { b: '2' } } })
      assert.equal(await web.data(), { b: '2' })
    },
  )

  const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.web.example.com }
spec:
  group: web.example.com
  scope: Namespaced
  names: { kind: Gadget, plural: gadgets, singular: gadget }
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }
`
  check(
    'CRDs are installed unless they are to be skipped',
    { ...simple, 'crds/a.yaml': crd },
    async (web, chart, { kubectl }) => {
      const crds = () =>
        kubectl('get', 'crd', 'gadgets.web.example.com', '--ignore-not-found', '-o', 'name')
      await web.install(chart, { release: { skipCrds: true } })
      assert.is(await crds(), '')
      await web.uninstall()
      await web.install(chart)
      assert.match(await crds(), 'gadgets')
      await kubectl('delete', 'crd', 'gadgets.web.example.com')
    },
  )

  check(
    'a field that somebody else has changed is taken back',
    { 'templates/d.yaml': deployment },
    async (web, chart, { kubectl, namespace }) => {
      await web.install(chart)
      await kubectl('scale', 'deployment', 'web', '--replicas', '3', '-n', namespace)
      await web.upgrade(chart, { values: { replicas: 2 } })
      const replicas = ['-n', namespace, '-o', 'jsonpath={.spec.replicas}']
      assert.is(await kubectl('get', 'deployment', 'web', ...replicas), '2')
    },
  )

  check('forceUpgrade replaces, whatever was applied before', simple, async (web, chart) => {
    await web.install(chart)
    await web.upgrade(chart, { values: { data: { a: '1' } }, release: { forceUpgrade: true } })
    await web.upgrade(chart, { values: { data: { a: '2' } } })
    assert.equal(await web.data(), { a: '2' })
    assert.equal((await web.revisions())[0], '3 deployed')
  })

  const slow = { 'templates/h.yaml': hookPod('pre-install'), ...simple }
  check(
    'values are in a private file while helm runs, and nowhere else',
    slow,
    async (web, chart, { workdir, namespace, driver }) => {
      const stop = new AbortController()
      const values = { data: { password: 'hunter2-hunter2' }, seconds: 30 }
      const installed = refusal(
        driver.install({ ...web.call({ signal: stop.signal }), artifact: chart, values }),
      )
      const [helm] = await until('helm runs', async () => {
        const found = (await processesWith(namespace)).filter(({ args }) =>
          args.includes('--install'),
        )
        return found.length > 0 && found
      })
      const file = helm!.args
        .find((argument) => argument.startsWith('--values='))!
        .slice('--values='.length)
      assert.is(join(workdir, file.slice(workdir.length)), file)
      assert.is((await stat(file)).mode & 0o777, 0o600)
      assert.match(await readFile(file, 'utf8'), 'hunter2')
      assert.equal(await processesWith('hunter2'), [])
      assert.not.match(await readFile(`/proc/${helm!.pid}/environ`, 'utf8'), 'hunter2')
      stop.abort()
      assert.is((await installed).code, 'Interrupted')
      assert.equal(
        (await readdir(workdir)).filter((name) => name.includes('values')),
        [],
      )
    },
  )

  check(
    'a helm that is told to stop leaves no lock behind',
    slow,
    async (web, chart, { driver, namespace }) => {
      const stop = new AbortController()
      const values = { seconds: 30 }
      const installed = refusal(
        driver.install({ ...web.call({ signal: stop.signal }), artifact: chart, values }),
      )
      await until('the hook runs', async () => (await web.revisions())[0] === '1 pending-install')
      stop.abort()
      const { code, message } = await installed
      assert.is(code, 'Interrupted')
      assert.is(
        message,
        `Cannot install release "web" in namespace "${namespace}": helm was told to stop before it was done`,
      )
      assert.equal(await web.revisions(), ['1 failed'])
    },
  )

  check(
    'secrets are kept out of what a chart says with them',
    { 'templates/a.yaml': '{{ fail (printf "bad token %s" .Values.token) }}' },
    async (web, chart) => {
      const values = { token: 'hunter2-hunter2' }
      const { message, cause } = await refusal(
        web.install(chart, { values, secrets: [values.token] }),
      )
      assert.match(message, 'bad token')
      assert.not.match(`${message} ${JSON.stringify(cause)}`, 'hunter2')
    },
  )

  test.run()
}
