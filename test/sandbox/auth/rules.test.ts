// Rules of RBAC against each other: what is found to be missing is what a request would find missing.
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Attributes } from '../../../lib/sandbox/auth/rbac/attributes.ts'
import {
  describeRules,
  missingRules,
  ruleAllows,
  type PolicyRule,
} from '../../../lib/sandbox/auth/rbac/rules.ts'
import { seeded } from '../../helpers/seed.ts'

const test = suite('rules of RBAC')

const groups = ['', 'apps', '*']
const resources = ['pods', 'pods/log', '*/log', 'secrets', '*']
const verbs = ['get', 'list', '*']
const names = ['a', 'b']
const paths = ['/x', '/x/*', '/x/y', '*']

const listOf = (values: readonly string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const ofResources: fc.Arbitrary<PolicyRule> = fc.record(
  {
    apiGroups: listOf(groups),
    resources: listOf(resources),
    verbs: listOf(verbs),
    resourceNames: listOf(names),
  },
  { requiredKeys: ['apiGroups', 'resources', 'verbs'] },
)
const ofPaths: fc.Arbitrary<PolicyRule> = fc.record({
  nonResourceURLs: listOf(paths),
  verbs: listOf(verbs),
})
const rules = fc.array(fc.oneof({ weight: 3, arbitrary: ofResources }, ofPaths), { maxLength: 4 })
const requests: fc.Arbitrary<Attributes> = fc.oneof(
  fc.record({
    kind: fc.constant('resource' as const),
    verb: fc.constantFrom('get', 'list', 'create'),
    group: fc.constantFrom('', 'apps', 'batch'),
    resource: fc.constantFrom('pods', 'secrets', 'nodes'),
    subresource: fc.constantFrom('', 'log', 'status'),
    namespace: fc.constant('default'),
    name: fc.constantFrom('', 'a', 'b', 'c'),
  }),
  fc.record({
    kind: fc.constant('path' as const),
    verb: fc.constantFrom('get', 'post'),
    path: fc.constantFrom('/', '/x', '/x/', '/x/y', '/y'),
  }),
)

const allows = (list: readonly PolicyRule[], request: Attributes): boolean =>
  list.some((rule) => ruleAllows(rule, request))

test('rules that lack nothing of others allow every request that the others allow', () => {
  const lacksNothing = (owned: PolicyRule[], wanted: PolicyRule[], request: Attributes): void => {
    // What is missing, added, leaves nothing missing.
    const all = [...owned, ...missingRules(owned, wanted)]
    assert.equal(missingRules(all, wanted), [])
    if (allows(wanted, request)) assert.ok(allows(all, request))
  }
  fc.assert(
    fc.property(rules, rules, requests, lacksNothing),
    seeded('rules that lack nothing', 3_000),
  )
})

test('what is missing allows no request that the others do not', () => {
  const isNoMore = (owned: PolicyRule[], wanted: PolicyRule[], request: Attributes): void => {
    if (allows(missingRules(owned, wanted), request)) assert.ok(allows(wanted, request))
  }
  fc.assert(fc.property(rules, rules, requests, isNoMore), seeded('rules that are missing', 3_000))
})

test('rules that differ in their verbs only are told as one', () => {
  const [one, two] = ['get', 'list'].map((verb) => ({
    apiGroups: [''],
    resources: ['pods'],
    verbs: [verb],
  }))
  const named = { ...one!, resourceNames: ['a'] }
  assert.equal(describeRules([two!, one!, named, { nonResourceURLs: ['/x'], verbs: ['get'] }]), [
    '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get"]}',
    '{APIGroups:[""], Resources:["pods"], Verbs:["list" "get"]}',
    '{NonResourceURLs:["/x"], Verbs:["get"]}',
  ])
})

test.run()
