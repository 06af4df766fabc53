// What does a rule of a Role allow? Matching a request against it, and finding what one set of rules lacks of another.
import type { Attributes } from './attributes.ts'

export type PolicyRule = {
  verbs?: readonly string[]
  apiGroups?: readonly string[]
  resources?: readonly string[]
  resourceNames?: readonly string[]
  nonResourceURLs?: readonly string[]
}

/** Does this one rule allow the request? */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!hasOrAll(rule.verbs, attributes.verb)) return false
  if (attributes.kind === 'path')
    return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, attributes.path))
  const { group, resource, subresource, name } = attributes
  return (
    hasOrAll(rule.apiGroups, group) &&
    resourceMatches(rule, resource, subresource) &&
    (isEmpty(rule.resourceNames) || rule.resourceNames!.includes(name))
  )
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0
}

function hasOrAll(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(wanted))
}

function resourceMatches(
  { resources = [] }: PolicyRule,
  resource: string,
  subresource: string,
): boolean {
  if (subresource === '') return resources.includes('*') || resources.includes(resource)
  return (
    resources.includes('*') ||
    resources.includes(`${resource}/${subresource}`) ||
    resources.includes(`*/${subresource}`)
  )
}

function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

/** What `wanted` allows and `owned` does not: rules of one verb, one resource and at most one name each. */
export function missingRules(
  owned: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): PolicyRule[] {
  return wanted.flatMap(atoms).filter((atom) => !owned.some((rule) => covers(rule, atom)))
}

type Atom = PolicyRule & { verbs: [string] }

function atoms(rule: PolicyRule): Atom[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  return (rule.verbs ?? []).flatMap((verb): Atom[] => [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) => {
        const atom: Atom = { apiGroups: [group], resources: [resource], verbs: [verb] }
        return resourceNames.length === 0
          ? [atom]
          : resourceNames.map((name) => ({ ...atom, resourceNames: [name] }))
      }),
    ),
    ...nonResourceURLs.map((url): Atom => ({ nonResourceURLs: [url], verbs: [verb] })),
  ])
}

function covers(rule: PolicyRule, atom: Atom): boolean {
  if (!hasOrAll(rule.verbs, atom.verbs[0])) return false
  const url = atom.nonResourceURLs?.[0]
  if (url !== undefined) return (rule.nonResourceURLs ?? []).some((one) => pathMatches(one, url))
  const [group = '', resource = ''] = [atom.apiGroups?.[0], atom.resources?.[0]]
  const name = atom.resourceNames?.[0]
  return (
    hasOrAll(rule.apiGroups, group) &&
    resourceCovered(rule.resources ?? [], resource) &&
    (isEmpty(rule.resourceNames) || (name !== undefined && rule.resourceNames!.includes(name)))
  )
}

function resourceCovered(owned: readonly string[], resource: string): boolean {
  if (owned.includes('*') || owned.includes(resource)) return true
  const slash = resource.indexOf('/')
  return slash > 0 && owned.includes(`*${resource.slice(slash)}`)
}

/** Rules that differ in nothing but their verbs, put together; each as the API server writes it, in order. */
export function describeRules(rules: readonly PolicyRule[]): string[] {
  const simple = new Map<string, PolicyRule>()
  const described: string[] = []
  for (const rule of rules) {
    const { verbs = [], ...where } = rule
    const key = JSON.stringify(where)
    const known = simple.get(key)
    if (rule.nonResourceURLs !== undefined) described.push(describeRule(rule))
    else simple.set(key, { ...where, verbs: [...(known?.verbs ?? []), ...verbs] })
  }
  return [...new Set([...described, ...[...simple.values()].map(describeRule)])].sort()
}

function describeRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const
  const shown = parts.filter(([, list]) => !isEmpty(list))
  return `{${shown.map(([name, list]) => `${name}:${describeList(list!)}`).join(', ')}}`
}

/** A list of texts as Go prints it: ["a" "b"]. */
export function describeList(list: readonly string[]): string {
  return `[${list.map((one) => JSON.stringify(one)).join(' ')}]`
}
