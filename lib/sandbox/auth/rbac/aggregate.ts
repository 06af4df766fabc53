// ClusterRoles that gather the rules of others: kept up to date with every change of a ClusterRole.
import { equalJson } from '../../equal.ts'
import type { Obj } from '../../types.ts'
import { selects } from '../../workloads/labels.ts'
import type { LabelSelector } from '../../workloads/shapes.ts'
import type { World } from '../../world.ts'
import { updateObject } from '../../write.ts'
import { rbacGroup, rulesOf } from './authorize.ts'
import type { PolicyRule } from './rules.ts'

const manager = 'clusterrole-aggregation-controller'

/** Keeps aggregated roles in order until the returned function is called. */
export function aggregateRoles(world: World): () => void {
  const definition = world.registry.resolve(`clusterroles.${rbacGroup}`)!
  const collection = world.store.collection(definition)
  // Answers whether a role had to be changed.
  const gather = ({ metadata }: Obj): boolean => {
    // Read anew: an update before this one may have changed it, and others.
    const role = collection.get(undefined, metadata.name)
    if (role === undefined || role.metadata.deletionTimestamp !== undefined) return false
    const roles = collection.keys().map((key) => collection.at(key)!)
    const rules = gatherRules(role, roles)
    if (equalJson(rulesOf(role), rules)) return false
    const target = { definition, name: metadata.name }
    updateObject(world, target, (before) => ({ ...before, rules }), { manager })
    return true
  }
  let isGathering = false
  return world.store.subscribe((event) => {
    // What this controller changes is looked at by its next round.
    if (event.definition !== definition || isGathering) return
    isGathering = true
    try {
      untilSettled(collection, gather)
    } finally {
      isGathering = false
    }
  })
}

// A role may gather from one that gathers itself. Rules wander by one role a round; those of roles that gather from each other
// may never come to rest, and are left as they are then.
function untilSettled(
  collection: { keys(): readonly string[]; at(key: string): Obj | undefined },
  gather: (role: Obj) => boolean,
): void {
  const roles = collection.keys().map((key) => collection.at(key)!)
  const whole = roles.filter((role) => selectorsOf(role).length > 0)
  for (let round = 0; round <= whole.length; round += 1)
    if (whole.filter(gather).length === 0) return
}

function selectorsOf(role: Obj): LabelSelector[] {
  const rule = role['aggregationRule'] as { clusterRoleSelectors?: LabelSelector[] } | undefined
  return rule?.clusterRoleSelectors ?? []
}

/** The rules of those roles that a role with an aggregation rule selects: selector by selector, each rule once. */
export function gatherRules(whole: Obj, roles: readonly Obj[]): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const selector of selectorsOf(whole))
    for (const part of roles) {
      const isPart =
        part.metadata.name !== whole.metadata.name && selects(selector, part.metadata.labels)
      for (const rule of isPart ? rulesOf(part) : [])
        if (!rules.some((known) => equalJson(known, rule))) rules.push(rule)
    }
  return rules
}
