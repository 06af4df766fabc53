// What the fields of a release make a Helm do, and how it gets its values.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'

import * as assert from 'uvu/assert'
import { configMap, deployment, hookPod } from '../helpers/chart.ts'
import { processesWith } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'
import { refusal, type Check } from './helmwords.ts'

const simple = { 'templates/config.yaml': configMap }
const slow = { ...simple, 'templates/h.yaml': hookPod('pre-install') }
// Server-side apply refuses it.
const repeated = 'image: nginx, env: [{ name: A, value: a }, { name: A, value: b }]'
const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.web.example.com }
spec:
  group: web.example.com
  scope: Namespaced
  names: { kind: Gadget, plural: gadgets, singular: gadget }
  versions:
    - { name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object, description: older } } }
`

export function checkChoices(check: Check): void {
  check('an upgrade keeps maxHistory revisions', simple, async (web, chart) => {
    await web.install(chart)
    for (const maxHistory of [2, 2]) await web.upgrade(chart, { release: { maxHistory } })
    assert.equal(await web.revisions(), ['3 deployed', '2 superseded'])
  })

  check(
    'an upgrade forgets the last values unless told to keep them',
    simple,
    async (web, chart) => {
      await web.install(chart, { values: { data: { a: '1' } } })
      await web.upgrade(chart, { values: { data: { b: '2' } }, release: { resetValues: false } })
      assert.equal(await web.data(), { a: '1', b: '2' })
      await web.upgrade(chart, { values: { data: { b: '2' } } })
      assert.equal(await web.data(), { b: '2' })
    },
  )

  const withCrd = { ...simple, 'crds/a.yaml': crd }
  check('CRDs are installed unless skipped', withCrd, async (web, chart, { kubectl }) => {
    const name = ['crd', 'gadgets.web.example.com']
    await web.install(chart, { release: { skipCrds: true } })
    assert.is(await kubectl('get', ...name, '--ignore-not-found'), '')
    await web.uninstall()
    await web.install(chart)
    assert.match(await kubectl('delete', ...name), 'deleted')
  })

  check('an install leaves a CRD that is there as it is', withCrd, async (web, chart, bench) => {
    const { kubectl, directory } = bench
    const file = join(directory, 'newer.yaml')
    await writeFile(file, crd.replace('older', 'newer'))
    await kubectl('create', '-f', file)
    await web.install(chart)
    assert.equal(await web.revisions(), ['1 deployed'])
    const schema = [
      'get',
      'crd',
      'gadgets.web.example.com',
      '-o',
      'jsonpath={.spec.versions[0].schema}',
    ]
    assert.match(await kubectl(...schema), 'newer')
    await kubectl('delete', '-f', file)
  })

  // Gigabytes out of one character.
  const doubling = '{{ $x := "x" }}{{ range until 36 }}{{ $x = printf "%s%s" $x $x }}{{ end }}'
  check(
    'a template without end is ended, not the machine',
    { 'templates/x.yaml': doubling },
    async (web, chart) => {
      if (process.platform !== 'linux') return
      const { code, message } = await refusal(web.install(chart))
      assert.is(code, 'RenderFailed')
      assert.match(
        message,
        'helm was ended because it held more memory than --helm-memory-limit allows',
      )
      assert.equal(await web.revisions(), [])
    },
  )

  const twice = { 'templates/web.yaml': deployment.replace('image: nginx', repeated) }
  check('a chart with a list that repeats a key is installed', twice, async (web, chart) => {
    await web.install(chart)
    assert.equal(await web.revisions(), ['1 deployed'])
  })

  const scaled = { 'templates/web.yaml': deployment }
  check('a field that somebody else changed is taken back', scaled, async (web, chart, bench) => {
    const { kubectl, namespace } = bench
    await web.install(chart)
    await kubectl('scale', 'deployment', 'web', '--replicas', '3', '-n', namespace)
    await web.upgrade(chart, { values: { replicas: 2 } })
    const replicas = ['-n', namespace, '-o', 'jsonpath={.spec.replicas}']
    assert.is(await kubectl('get', 'deployment', 'web', ...replicas), '2')
  })

  check(
    'a release of the other Helm is upgraded as it was applied',
    scaled,
    async (web, chart, bench) => {
      const other = bench.major === 3 ? 4 : 3
      await bench.helm(other, 'install', 'web', chart.path)
      await web.upgrade(chart, { values: { replicas: 2 } })
      await web.upgrade(chart, { values: { replicas: 3 } })
      assert.equal((await web.revisions())[0], '3 deployed')
      assert.is((await web.history())[0]?.applyMethod, 'client')
      await bench.helm(other, 'upgrade', 'web', chart.path, '--set', 'replicas=4')
      await bench.driver.rollback({ ...web.call(), revision: 1 })
      assert.equal((await web.revisions())[0], '5 deployed')
    },
  )

  check('forceUpgrade replaces, and upgrades go on from there', simple, async (web, chart) => {
    await web.install(chart)
    await web.upgrade(chart, { values: { data: { a: '1' } }, release: { forceUpgrade: true } })
    await web.upgrade(chart, { values: { data: { a: '2' } } })
    assert.equal(await web.data(), { a: '2' })
    assert.equal((await web.revisions())[0], '3 deployed')
  })

  check(
    'values are in a private file while helm runs, and nowhere else',
    slow,
    async (web, chart, bench) => {
      const stop = new AbortController()
      const values = { data: { password: 'hunter2-hunter2' }, seconds: 30 }
      const installed = refusal(web.install(chart, { signal: stop.signal, values }))
      const helm = await until('helm runs', async () =>
        (await processesWith(bench.namespace)).find(({ args }) => args.includes('--install')),
      )
      const flag = helm.args.find((argument) => argument.startsWith('--values=')) ?? ''
      const file = flag.slice('--values='.length)
      assert.is(dirname(file), bench.workdir)
      assert.is((await stat(file)).mode & 0o777, 0o600)
      assert.match(await readFile(file, 'utf8'), 'hunter2')
      assert.equal(await processesWith('hunter2'), [])
      assert.not.match(await readFile(`/proc/${helm.pid}/environ`, 'utf8'), 'hunter2')
      await until('the hook runs', async () => (await web.revisions())[0] === '1 pending-install')
      stop.abort()
      const { code, message } = await installed
      assert.is(code, 'Interrupted')
      assert.match(message, 'helm was told to stop before it was done')
      // Helm had the time to say so: the release is not locked.
      assert.equal(await web.revisions(), ['1 failed'])
      assert.equal(
        (await readdir(bench.workdir)).filter((name) => name.includes('values')),
        [],
      )
    },
  )

  const failing = { 'templates/a.yaml': '{{ fail (printf "bad token %s" .Values.token) }}' }
  check('secrets are kept out of what a chart says with them', failing, async (web, chart) => {
    const values = { token: 'hunter2-hunter2' }
    const { message, cause } = await refusal(
      web.install(chart, { values, secrets: [values.token] }),
    )
    assert.match(message, 'bad token')
    assert.not.match(`${message} ${JSON.stringify(cause)}`, 'hunter2')
  })
}
