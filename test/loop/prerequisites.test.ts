import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Prerequisites } from '../../lib/loop/prerequisites.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { withFront, type Front } from '../helpers/front.ts'
import { recordLog } from '../helpers/log.ts'
import { until } from '../helpers/until.ts'

const test = suite('Prerequisites')

const gadget = { apiVersion: 'example.test/v1', kind: 'Gadget' }
const target = { apiVersion: 'v1', kind: 'Namespace', name: 'target' }
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.test' },
  spec: {
    ...{ group: 'example.test', scope: 'Namespaced' },
    names: { plural: 'gadgets', kind: 'Gadget', singular: 'gadget' },
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
}

type Bench = Front & {
  prerequisites: Prerequisites
  woken: string[]
  // Waits until the server has been asked for these.
  asked(pattern: RegExp): Promise<unknown>
}

async function withPrerequisites(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withFront(async (front) => {
    const woken: string[] = []
    const { log } = recordLog()
    const clock = systemClock()
    const prerequisites = new Prerequisites({
      ...{ cluster: front.cluster, clock, log, wake: (key) => woken.push(key) },
    })
    const asked = (pattern: RegExp) =>
      until(String(pattern), () => front.requests.some((one) => pattern.test(one)))
    try {
      await use({ ...front, prerequisites, woken, asked })
    } finally {
      prerequisites.close()
    }
  })
}

const namespace = (name: string) => ({
  ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
})

test('wakes those that wait for a kind once it is served, and nobody else', () =>
  withPrerequisites(async ({ api, prerequisites, woken, asked }) => {
    prerequisites.follow('a', [gadget])
    prerequisites.follow('b', [{ apiVersion: 'example.test/v2', kind: 'Gadget' }])
    await asked(/customresourcedefinitions.*watch/)
    api.create('customresourcedefinitions.apiextensions.k8s.io', definition)
    await until('it is woken', () => woken.length > 0)
    assert.equal(woken, ['a'])
  }))

test('wakes those that wait for a namespace when it is there', () =>
  withPrerequisites(async ({ api, prerequisites, woken, asked }) => {
    prerequisites.follow('a', [target])
    await asked(/\/namespaces.*watch/)
    api.create('namespaces', namespace('other'))
    api.create('namespaces', namespace('target'))
    await until('it is woken', () => woken.length > 0)
    assert.equal(woken, ['a'])
  }))

test('wakes for what has come before anybody watched, and once only if it does not help', () =>
  withPrerequisites(async ({ api, prerequisites, woken }) => {
    api.create('namespaces', namespace('target'))
    prerequisites.follow('a', [target])
    await until('it is woken', () => woken.length > 0)
    prerequisites.follow('a', [target])
    prerequisites.follow('b', [target])
    await until('the other one is woken', () => woken.includes('b'))
    assert.equal(woken, ['a', 'b'])
  }))

test('wakes for any new kind where nobody knows which one is missing', () =>
  withPrerequisites(async ({ api, prerequisites, woken, asked }) => {
    const { apiVersion, kind } = definition
    prerequisites.follow('a', [{ apiVersion, kind }])
    await asked(/customresourcedefinitions.*watch/)
    assert.equal(woken, [])
    api.create('customresourcedefinitions.apiextensions.k8s.io', definition)
    await until('it is woken', () => woken.length > 0)
  }))

test('watches only as long as somebody waits, and nothing any more once it is closed', () =>
  withPrerequisites(async ({ prerequisites }) => {
    prerequisites.follow('a', [gadget])
    prerequisites.follow('b', [gadget, target])
    assert.is(prerequisites.size, 2)
    prerequisites.follow('b', [])
    assert.is(prerequisites.size, 1)
    prerequisites.forget('a')
    assert.is(prerequisites.size, 0)
    prerequisites.close()
    prerequisites.follow('a', [gadget])
    assert.is(prerequisites.size, 0)
  }))

test.run()
