// The edge's cluster on a sandbox, with a door between the two that notes what is asked for and refuses what it is told to.
import { createServer, request as forward } from 'node:http'
import { join } from 'node:path'
import { createClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { createCluster } from '../../lib/edge/cluster.ts'
import { createDiscovery } from '../../lib/edge/discovery.ts'
import type { Cluster } from '../../lib/model/ports.ts'
import type { SandboxApi } from '../../lib/sandbox/types.ts'
import { recordLog } from './log.ts'
import { withSandbox } from './sandbox.ts'

export type Front = {
  cluster: Cluster
  api: SandboxApi
  // "GET /api/v1/namespaces/…?watch=1", in their order.
  requests: string[]
  // The same with " as <user>" behind those that impersonate somebody.
  identified: string[]
  // From now on, requests like this are forbidden, with the user behind them; none without a pattern.
  forbid(pattern?: RegExp): void
  messages: string[]
}

/** Runs `use` with a cluster that nothing else talks to. */
export async function withFront<T>(use: (front: Front) => Promise<T>): Promise<T> {
  return await withSandbox({}, async ({ sandbox, url, directory }) => {
    const requests: string[] = []
    const identified: string[] = []
    let forbidden: RegExp | undefined
    const door = createServer((request, response) => {
      const asked = `${request.method} ${request.url}`
      requests.push(asked)
      const user = request.headers['impersonate-user']
      const whole = user === undefined ? asked : `${asked} as ${String(user)}`
      identified.push(whole)
      if (forbidden?.test(whole)) return void response.writeHead(403).end(refusal)
      const { method, headers } = request
      const onward = forward(`${url}${request.url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      })
      onward.on('error', () => response.destroy())
      response.on('close', () => onward.destroy())
      request.pipe(onward)
    })
    const socket = join(directory, 'door')
    await new Promise<void>((resolve) => door.listen(socket, resolve))
    const clock = systemClock()
    const client = createClient({ socket: () => Promise.resolve(socket), clock })
    const { log, messages } = recordLog()
    const discovery = createDiscovery({ client, clock })
    const cluster = createCluster({ client, discovery, clock, random: () => 0, log })
    const forbid = (pattern?: RegExp): void => void (forbidden = pattern)
    try {
      return await use({ cluster, api: sandbox.api, requests, identified, forbid, messages })
    } finally {
      client.close()
      door.closeAllConnections()
      await new Promise((resolve) => door.close(resolve))
    }
  })
}

/** Lets every service account do everything: for tests of who asks, and not of what they may. */
export async function trustAccounts(cluster: Cluster): Promise<void> {
  const group = 'rbac.authorization.k8s.io'
  const plural = 'clusterrolebindings'
  await cluster.create(
    { group, version: 'v1', plural, namespaced: false },
    {
      ...{ apiVersion: `${group}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'accounts' } },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: group, kind: 'Group', name: 'system:serviceaccounts' }],
    },
  )
}

const refusal = JSON.stringify({
  ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 },
  message: 'the door is closed',
})
