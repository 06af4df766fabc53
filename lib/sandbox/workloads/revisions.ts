// Which revision of a StatefulSet's or DaemonSet's template is current: ControllerRevisions, numbered and pruned.
import type { Obj } from '../types.ts'
import { hashTemplate, isSame } from './hash.ts'
import type { DaemonSet, StatefulSet } from './shapes.ts'
import { controlledBy, ownerReference, unlessGone, type World } from './world.ts'

const resource = 'controllerrevisions.apps'

export type Revision = { name: string; hash: string }

/** The revision of the template as it is now, made or renewed if need be; old ones beyond the limit go. */
export function currentRevision(
  world: World,
  owner: StatefulSet | DaemonSet,
  hashLabel: string,
): Revision {
  const { metadata, spec } = owner
  const data = { spec: { template: { $patch: 'replace', ...spec.template } } }
  const all = controlledBy(world, resource, owner).sort((a, b) => numberOf(a) - numberOf(b))
  const highest = Math.max(0, ...all.map(numberOf))
  const found = all.find((one) => isSame(one['data'], data))
  if (found) {
    if (numberOf(found) < highest) world.api.update(resource, { ...found, revision: highest + 1 })
    return { name: found.metadata.name, hash: found.metadata.labels?.[hashLabel] ?? '' }
  }
  const hash = hashTemplate(spec.template)
  const name = `${metadata.name}-${hash}`
  unlessGone(() =>
    world.api.create(resource, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace: metadata.namespace ?? '',
        labels: { ...spec.template.metadata?.labels, [hashLabel]: hash },
        ownerReferences: [ownerReference(owner)],
      },
      data,
      revision: highest + 1,
    }),
  )
  for (const { metadata: old } of all.slice(
    0,
    Math.max(0, all.length - (spec.revisionHistoryLimit ?? 10)),
  ))
    unlessGone(() => world.api.delete(resource, old.namespace, old.name))
  return { name, hash }
}

function numberOf(revision: Obj): number {
  return Number(revision['revision'] ?? 0)
}
