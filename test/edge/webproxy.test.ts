import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseProxy } from '../../lib/edge/webproxy.ts'

const test = suite('chooseProxy()')
const proxy = 'http://proxy.test:3128'

for (const [situation, url, env, expected] of [
  ['nothing is set', 'https://a.test/', {}, undefined],
  ['HTTPS_PROXY is set', 'https://a.test/', { HTTPS_PROXY: proxy }, proxy],
  ['https_proxy is set', 'https://a.test/', { https_proxy: proxy }, proxy],
  ['only HTTP_PROXY is set, for https', 'https://a.test/', { HTTP_PROXY: proxy }, undefined],
  ['HTTP_PROXY is set, for http', 'http://a.test/', { HTTP_PROXY: proxy }, proxy],
  ['the proxy has no scheme', 'http://a.test/', { http_proxy: 'proxy.test:3128' }, proxy],
  ['the proxy is nonsense', 'http://a.test/', { http_proxy: 'http://[' }, undefined],
  ['the host is this machine', 'http://localhost:80/', { http_proxy: proxy }, undefined],
  ['the address is this machine', 'http://127.0.0.2/', { http_proxy: proxy }, undefined],
] as const) {
  test(`${expected ?? 'no proxy'} when ${situation}`, () => {
    const expectedUrl = expected === undefined ? undefined : new URL(expected).href
    assert.is(chooseProxy(new URL(url), env)?.href, expectedUrl)
  })
}

for (const [noProxy, url, exempt] of [
  ['*', 'http://a.test/', true],
  ['a.test', 'http://a.test/', true],
  ['a.test', 'http://b.a.test/', true],
  ['.a.test', 'http://b.a.test/', true],
  ['.a.test', 'http://a.test/', false],
  ['a.test', 'http://ba.test/', false],
  ['x, A.TEST ', 'http://a.test/', true],
  ['a.test:80', 'http://a.test/', true],
  ['a.test:8080', 'http://a.test/', false],
  ['10.0.0.0/8', 'http://10.9.8.7/', true],
  ['10.0.0.0/8', 'http://11.9.8.7/', false],
  ['10.0.0.0/99', 'http://10.9.8.7/', false],
  ['10.1.2.3', 'http://10.1.2.3/', true],
  ['fd00::/8', 'http://[fd00::1]/', true],
  ['', 'http://a.test/', false],
] as const) {
  test(`NO_PROXY="${noProxy}" ${exempt ? 'exempts' : 'does not exempt'} ${url}`, () => {
    const env = { http_proxy: proxy, no_proxy: noProxy }
    assert.is(chooseProxy(new URL(url), env) === undefined, exempt)
  })
}

test.run()
