import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inClusterKubeconfig } from '../../lib/edge/in-cluster.ts'

const test = suite('inClusterKubeconfig()')

/** Runs `use` with the directory of a service account and an empty home. */
async function withPod(use: (directory: string, env: Record<string, string>) => Promise<void>) {
  const directory = await mkdtemp(join(tmpdir(), 'pod-'))
  const host = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
  try {
    await writeFile(join(directory, 'token'), 'secret-token')
    await use(directory, { ...host, HOME: directory })
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('names the address, the certificate and the token of the pod, and copies no token', () =>
  withPod(async (directory, env) => {
    const text = (await inClusterKubeconfig(env, {}, directory))!
    const { clusters, users } = JSON.parse(text)
    assert.equal(clusters[0].cluster, {
      server: 'https://10.0.0.1:443',
      'certificate-authority': join(directory, 'ca.crt'),
    })
    assert.equal(users[0].user, { tokenFile: join(directory, 'token') })
    assert.not.match(text, 'secret-token')
  }))

test('knows that addresses of IPv6 need brackets', () =>
  withPod(async (directory, env) => {
    const text = await inClusterKubeconfig(
      { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' },
      {},
      directory,
    )
    assert.match(text!, '"https://[fd00::1]:443"')
  }))

test('is not needed where programs find a kubeconfig, or no pod', () =>
  withPod(async (directory, env) => {
    const without = async (more: Record<string, string>, access = {}) =>
      assert.is(await inClusterKubeconfig({ ...env, ...more }, access, directory), undefined)
    await without({}, { kubeconfig: '/k' })
    await without({}, { server: 'https://s' })
    await without({ KUBERNETES_SERVICE_HOST: '' })
    await mkdir(join(directory, '.kube'))
    await writeFile(join(directory, '.kube', 'config'), '{}')
    await without({})
    const elsewhere = await inClusterKubeconfig(
      { ...env, KUBECONFIG: '/nowhere:/neither' },
      {},
      directory,
    )
    assert.ok(elsewhere !== undefined)
  }))

test.run()
