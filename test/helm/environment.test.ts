import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helmEnvironment } from '../../lib/helm/environment.ts'

const test = suite('helmEnvironment()')

/** What a helm process ends up with, given the host's environment. */
function seen(host: Record<string, string>): Record<string, string | undefined> {
  const changed: Record<string, string | undefined> = {
    ...host,
    ...helmEnvironment(host, { cacheDir: '/c' }),
  }
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined))
}

const always = { HELM_DRIVER: 'secret', HELM_CACHE_HOME: '/c/helm', KUBECACHEDIR: '/c/kube' }

test('keeps what networks, certificates, clusters and plugins need', () => {
  const host = {
    PATH: '/bin',
    HOME: '/home',
    https_proxy: 'http://proxy',
    NO_PROXY: '*',
    SSL_CERT_FILE: '/ca',
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    KUBECONFIG: '/k',
    HELM_PLUGINS: '/p',
    AWS_PROFILE: 'a',
    GOOGLE_APPLICATION_CREDENTIALS: '/g',
  }
  assert.equal(seen(host), { ...host, ...always })
})

test('drops what helm has no use for', () => {
  assert.equal(seen({ DATABASE_PASSWORD: 'x', NODE_OPTIONS: '--inspect', ZX_PREFIX: 'x' }), always)
})

test('lets nobody redirect helm to another cluster, namespace or storage', () => {
  const host = {
    HELM_DRIVER: 'configmap',
    HELM_NAMESPACE: 'other',
    HELM_KUBECONTEXT: 'other',
    HELM_KUBETOKEN: 't',
    HELM_DEBUG: 'true',
    HELM_MAX_HISTORY: '1',
  }
  assert.equal(seen(host), always)
})

test('shares the caches of a host that has its own', () => {
  assert.is(seen({ HELM_CACHE_HOME: '/mine' }).HELM_CACHE_HOME, '/mine')
})

test('leaves a helm that impersonates no way to the credentials of the pod', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
  const identity = { namespace: 'shop', name: 'deployer' }
  const env = helmEnvironment(pod, { cacheDir: '/c', identity })
  assert.ok('KUBERNETES_SERVICE_HOST' in env && env['KUBERNETES_SERVICE_HOST'] === undefined)
})

test.run()
