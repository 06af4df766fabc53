// ClusterRoles that gather the rules of others: kept up to date with every change of a ClusterRole.
import { equalJson } from '../equal.ts'
import type { Obj } from '../types.ts'
import { selects } from '../workloads/labels.ts'
import type { LabelSelector } from '../workloads/shapes.ts'
import type { World } from '../world.ts'
import { updateObject } from '../write.ts'
import { rbacGroup, rulesOf } from './rbac.ts'
import type { PolicyRule } from './rules.ts'

const manager = 'clusterrole-aggregation-controller'

/** Keeps aggregated roles in order until the returned function is called. */
export function aggregateRoles(world: World): () => void {
  const definition = world.registry.resolve(`clusterroles.${rbacGroup}`)!
  const collection = world.store.collection(definition)
  return world.store.subscribe((event) => {
    if (event.definition !== definition) return
    const roles = collection.keys().map((key) => collection.at(key)!)
    for (const { metadata } of roles) {
      // Read anew: an update before this one may have changed it.
      const role = collection.get(undefined, metadata.name)
      const selectors = role === undefined ? [] : selectorsOf(role)
      if (role === undefined || selectors.length === 0 || metadata.deletionTimestamp) continue
      const rules = gathered(role, roles, selectors)
      if (equalJson(rulesOf(role), rules)) continue
      const target = { definition, name: metadata.name }
      updateObject(world, target, (before) => ({ ...before, rules }), { manager })
    }
  })
}

function selectorsOf(role: Obj): LabelSelector[] {
  const rule = role['aggregationRule'] as { clusterRoleSelectors?: LabelSelector[] } | undefined
  return rule?.clusterRoleSelectors ?? []
}

// Selector by selector, and by name for each; every rule once.
function gathered(
  { metadata }: Obj,
  roles: readonly Obj[],
  selectors: readonly LabelSelector[],
): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const selector of selectors)
    for (const role of roles) {
      const isPart = role.metadata.name !== metadata.name && selects(selector, role.metadata.labels)
      for (const rule of isPart ? rulesOf(role) : [])
        if (!rules.some((known) => equalJson(known, rule))) rules.push(rule)
    }
  return rules
}
