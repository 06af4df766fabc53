// Deployments for the contract, and what is patched in them.
import { listAt, textAt, type Scope } from './scope.ts'

/** A Deployment of one nginx. */
export function deployment(name: string, more: object = {}, container: object = {}): object {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx:1', ...container }] },
      },
      ...more,
    },
  }
}

export function container(name: string, more: object = {}): object {
  return { name, image: `${name}:1`, ...more }
}

/** A patch of a Deployment's pod template. */
export function podPatch(spec: object): object {
  return { spec: { template: { spec } } }
}

/** Makes a Deployment with these containers and no pods; answers its path. */
export async function withContainers(
  { path, post }: Scope,
  ...containers: object[]
): Promise<string> {
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers } }
  await post(
    path('deployments', undefined, 'apps/v1'),
    deployment('web', { replicas: 0, template }),
  )
  return path('deployments', 'web', 'apps/v1')
}

export function containersOf(object: unknown): unknown[] {
  return listAt(object, 'spec/template/spec/containers')
}

export function namesIn(list: unknown[]): string[] {
  return list.map((one) => textAt(one, 'name'))
}
