// How long the CRDs of a chart are waited for, on an API server that takes its time.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMissingCrds } from '../../lib/loop/crds.ts'
import { ApiError, ReconcileError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Cluster } from '../../lib/model/ports.ts'
import { parseYaml } from '../../lib/util/yaml.ts'
import { definition } from '../helpers/definitions.ts'
import { helmRelease, observed } from '../helpers/release.ts'

const test = suite('CRDs of a chart')

const gadget = parseYaml(definition('gadget')) as KubeObject
const crds = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'x', namespaced: false }

type Server = {
  // What the CRD's status has after so many looks.
  conditions: (looks: number) => Record<string, string>
  // After how many questions discovery knows the new kind.
  servedAfter?: number
  // What reading and creating are answered with.
  refused?: ApiError
  metadata?: object
}

/** Creates the gadgets' CRD; answers with the milliseconds that were waited and the verbs that were sent. */
async function create({ conditions, servedAfter = 0, refused, metadata }: Server) {
  let [now, looks, asked] = [0, 0, 0]
  const verbs: string[] = []
  const cluster: Pick<Cluster, 'get' | 'create' | 'resourceFor'> = {
    resourceFor: async (_, kind) =>
      kind === 'CustomResourceDefinition' || ++asked > servedAfter ? crds : undefined,
    get: async () => {
      verbs.push('get')
      if (refused) throw refused
      if (!verbs.includes('create') && !metadata) return undefined
      const list = Object.entries(conditions(++looks)).map(([type, status]) => ({
        type,
        status,
        message: 'why',
      }))
      return {
        ...gadget,
        metadata: { ...gadget.metadata, ...metadata },
        status: { conditions: list },
      }
    },
    create: async (_, object) => (verbs.push('create'), object),
  }
  const deps = {
    cluster: cluster as Cluster,
    clock: { now: () => now, sleep: async (ms: number) => void (now += ms) },
    readChartCrds: async () => [gadget],
  }
  const { signal } = new AbortController()
  const wanted = { desired: helmRelease(), artifact: observed([]).artifact, values: {}, signal }
  const error = await createMissingCrds(deps, wanted).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { waitedMs: now, verbs, error }
}

const established = { Established: 'True' }

test('are waited for until they are established', async () => {
  const { waitedMs, verbs, error } = await create({
    conditions: (looks) => (looks < 4 ? {} : established),
  })
  assert.is(error, undefined)
  assert.equal(verbs, ['get', 'create', 'get', 'get', 'get', 'get'])
  assert.is(waitedMs, 100 + 200 + 400)
})

test('are waited for until discovery tells of them', async () => {
  const { waitedMs, error } = await create({ conditions: () => established, servedAfter: 2 })
  assert.is(error, undefined)
  assert.is(waitedMs, 100 + 200)
})

test('are waited for a minute at most', async () => {
  const { waitedMs, error } = await create({ conditions: () => ({}) })
  assert.ok(waitedMs >= 60_000 && waitedMs <= 61_000, String(waitedMs))
  assert.ok(error instanceof ReconcileError)
  assert.is(error.code, 'InstallFailed')
  assert.is(
    error.message,
    'Cannot use CustomResourceDefinition "gadgets.example.com" of the chart\'s crds/: the API server does not serve it after 60 s',
  )
})

test('are not waited for when their names are taken', async () => {
  const { waitedMs, error } = await create({ conditions: () => ({ NamesAccepted: 'False' }) })
  assert.is(waitedMs, 0)
  assert.match(String(error), /"gadgets\.example\.com" of the chart's crds\/: why$/)
})

test('are not written while they are being deleted', async () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  const { verbs, error } = await create({ conditions: () => established, metadata })
  assert.not(verbs.includes('create'))
  assert.match(String(error), /: it is being deleted; it is created anew when it has gone$/)
})

test('that an account may create but not read are taken as discovery tells', async () => {
  const refused = new ApiError(403, 'Forbidden', 'Cannot get it')
  const { verbs, error } = await create({ conditions: () => ({}), refused, servedAfter: 1 })
  assert.is(error, undefined)
  assert.equal(verbs, ['get', 'create', 'get', 'get'])
})

test.run()
