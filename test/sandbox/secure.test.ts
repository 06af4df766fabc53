// The sandbox over HTTPS: whom it trusts, who trusts it, and what the tokens in people's hands are good for.
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { kubeconfigOf } from '../../lib/sandbox/kubeconfig.ts'
import { failureOf, programsFor, type Programs } from '../helpers/programs.ts'
import { withSandbox, type RunningSandbox } from '../helpers/sandbox.ts'

const test = suite('the sandbox over HTTPS')

// fetch() takes no authority of one's own.
function get(
  url: string,
  options: { ca?: string; token?: string; servername?: string } = {},
): Promise<{ status: number; text: string }> {
  const { ca, token, servername } = options
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const trust = { ...(ca === undefined ? {} : { ca }), ...(servername ? { servername } : {}) }
    const asked = request(url, { headers, ...trust, agent: false }, async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
      resolve({ status: response.statusCode ?? 0, text })
    })
    asked.on('error', reject)
    asked.end()
  })
}

const secured = (use: (running: RunningSandbox, programs: Programs) => Promise<void>) => () =>
  withSandbox({ tls: true, workloads: {} }, async (running) =>
    use(running, await programsFor(running)),
  )

test(
  'it is trusted by who has the certificate of its authority, and by nobody else',
  secured(async ({ sandbox, url }) => {
    const ca = sandbox.authority.certificate
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/)
    assert.is((await get(`${url}/healthz`, { ca })).status, 200)
    const inCluster = { ca, servername: 'kubernetes.default.svc' }
    assert.is((await get(`${url}/healthz`, inCluster)).status, 200)
    assert.ok(await failureOf(get(`${url}/healthz`)))
    const wrongName = { ca, servername: 'example.org' }
    assert.ok(await failureOf(get(`${url}/healthz`, wrongName)))
  }),
)

test(
  'who sends no credential is anonymous, who sends a wrong one is nobody',
  secured(async ({ sandbox, url }) => {
    const ca = sandbox.authority.certificate
    const { status, text } = await get(`${url}/api/v1/secrets`, { ca })
    assert.is(status, 403)
    assert.match(text, 'User \\"system:anonymous\\" cannot list resource')
    assert.is((await get(`${url}/version`, { ca })).status, 200)
    assert.is((await get(`${url}/version`, { ca, token: 'wrong' })).status, 401)
    const token = sandbox.adminToken
    assert.is((await get(`${url}/api/v1/secrets`, { ca, token })).status, 200)
  }),
)

test(
  'its kubeconfig makes kubectl and helm its administrator',
  secured(async ({ kubeconfig }, { kubectl, helm3, helm4 }) => {
    assert.match(await readFile(kubeconfig, 'utf8'), 'certificate-authority-data: ')
    assert.match(await kubectl(['auth', 'whoami']), /Username\s+sandbox-admin\n/)
    assert.is((await kubectl(['auth', 'can-i', '*', '*'])).trim(), 'yes')
    for (const helm of [helm3, helm4]) assert.match(await helm(['list', '-A']), /^NAME/)
  }),
)

test(
  'a token of a service account lets kubectl do what its roles allow, for as long as the account lives',
  secured(async ({ sandbox, url, directory }, { kubectl }) => {
    await kubectl(['create', 'serviceaccount', 'robot'])
    await kubectl([
      'create',
      'rolebinding',
      'robot',
      '--clusterrole=view',
      '--serviceaccount=default:robot',
    ])
    const token = (await kubectl(['create', 'token', 'robot', '--duration=10m'])).trim()
    const kubeconfig = join(directory, 'robot.kubeconfig')
    await writeFile(kubeconfig, kubeconfigOf(url, { token, authority: sandbox.authority }), {
      mode: 0o600,
    })
    const robot = await programsFor({ kubeconfig, directory })
    assert.match(await robot.kubectl(['auth', 'whoami']), 'system:serviceaccount:default:robot')
    assert.match(await robot.kubectl(['get', 'configmaps']), 'kube-root-ca.crt')
    assert.match(
      await failureOf(robot.kubectl(['get', 'secrets'])),
      'secrets is forbidden: User "system:serviceaccount:default:robot" cannot list resource "secrets" in API group "" in the namespace "default"',
    )
    await kubectl(['delete', 'serviceaccount', 'robot'])
    assert.match(
      await failureOf(robot.kubectl(['get', 'configmaps'])),
      'You must be logged in to the server',
    )
  }),
)

test.run()
