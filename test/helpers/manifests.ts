// The shortest objects a test can say its situation with.
import type { Container, PodSpec } from '../../lib/sandbox/workloads/shapes.ts'

export type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec: object
}

export function container(more: Partial<Container> = {}): Container {
  return { name: 'main', image: 'app:1', ...more }
}

export function shell(script: string): Partial<Container> {
  return { command: ['sh', '-c', script] }
}

export function pod(name: string, spec: Partial<PodSpec> = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [container()], restartPolicy: 'Never', ...spec },
  }
}

export function deployment(
  name: string,
  main: Partial<Container> = {},
  spec: object = {},
): Manifest {
  return workload('Deployment', name, main, { replicas: 2, ...spec })
}

export function workload(
  kind: string,
  name: string,
  main: Partial<Container>,
  spec: object,
): Manifest {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container(main)] } },
      ...spec,
    },
  }
}

export function job(name: string, main: Partial<Container> = {}, spec: object = {}): Manifest {
  const template = { spec: { restartPolicy: 'Never', containers: [container(main)] } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...spec } }
}
