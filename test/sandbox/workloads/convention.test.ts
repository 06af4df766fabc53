import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  conventions,
  failingProbe,
  readBehaviour,
} from '../../../lib/sandbox/workloads/convention.ts'

const test = suite('readBehaviour()')

for (const [says, script, code] of [
  ['exit N at the end', 'echo hello; exit 3', 3],
  ['exit 0', 'exit 0', 0],
  ['exit after &&', 'migrate && exit 2', 2],
  ['exit on its own line', 'set -e\nsleep 1\nexit 4', 4],
  ['false', 'echo a; false', 1],
  ['crash', 'server crash', 1],
] as const) {
  test(`a script with ${says} ends with ${code}`, () => {
    const { exit, runsForMs } = readBehaviour(
      { name: 'c', command: ['/bin/sh', '-c', script] },
      true,
    )
    assert.is(exit.code, code)
    assert.ok(runsForMs < Infinity)
  })
}

for (const [what, command] of [
  ['an exit behind ||', ['sh', '-c', 'curl -f http://api || exit 1']],
  ['an exit inside an if', ['sh', '-c', 'if [ -z "$A" ]; then exit 1; fi; exec server']],
  ['an argument that ends in =false', ['./podinfo', '--random-error=false']],
  ['a value false', ['app', '--debug', 'false']],
] as const) {
  test(`${what} does not end a server`, () => {
    assert.is(readBehaviour({ name: 'c', command: [...command] }, true).runsForMs, Infinity)
  })
}

for (const [script, seconds] of [
  ['sleep 3', 3],
  ['sleep 2m && exit 1', 120],
  ['sleep 1; sleep 0.5', 1.5],
  ['sleep infinity', Infinity],
  ['while true; do sleep 1; done', Infinity],
  ['while sleep 3600; do :; done', 3600],
  ['helm test', 0.1],
] as const) {
  test(`a job that says "${script}" runs ${seconds} s`, () => {
    const { runsForMs } = readBehaviour({ name: 'c', command: ['sh', '-c', script] }, false)
    assert.is(runsForMs, seconds * 1000)
  })
}

test('oom is killed with 137', () => {
  assert.equal(readBehaviour({ name: 'c', command: ['oom'] }, false).exit, {
    code: 137,
    reason: 'OOMKilled',
  })
})

for (const [image, expected] of [
  ['registry.test/missing:1', 'missing'],
  ['app:notfound', 'missing'],
  ['app:1', 'present'],
] as const) {
  test(`image ${image} is ${expected}`, () => {
    assert.is(readBehaviour({ name: 'c', image }, true).image, expected)
  })
}

test('an unready flag fails the readiness probe only where there is one', () => {
  const readinessProbe = { httpGet: { path: '/readyz', port: 9898 } }
  const command = ['./podinfo', '--unready']
  assert.ok(readBehaviour({ name: 'c', command, readinessProbe }, true).unready)
  assert.not.ok(readBehaviour({ name: 'c', command }, true).unready)
})

for (const [what, probe, fails] of [
  ['false', { exec: { command: ['false'] } }, true],
  ['exit 1', { exec: { command: ['sh', '-c', 'exit 1'] } }, true],
  ['a real check', { exec: { command: ['pg_isready'] } }, false],
  ['path /fail', { httpGet: { path: '/fail', port: 80 } }, true],
  ['path /failover', { httpGet: { path: '/failover', port: 80 } }, false],
  ['path /unready/x', { httpGet: { path: '/unready/x', port: 80 } }, true],
  ['path /healthz', { httpGet: { path: '/healthz', port: 'http' } }, false],
  ['TCP port 1', { tcpSocket: { port: 1 } }, true],
  ['TCP port 5432', { tcpSocket: { port: 5432 } }, false],
  ['gRPC service unhealthy', { grpc: { port: 80, service: 'unhealthy' } }, true],
] as const) {
  test(`a probe of ${what} ${fails ? 'never passes' : 'passes'}`, () => {
    const mutable = JSON.parse(JSON.stringify(probe)) as Parameters<typeof failingProbe>[0]
    assert.is(failingProbe(mutable) !== undefined, fails)
  })
}

test('every convention is written down for users', async () => {
  const docs = await readFile(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8')
  const rows = docs.split('\n').map((line) => line.replace(/ +/g, ' '))
  for (const [says, does] of conventions) assert.ok(rows.includes(`| ${says} | ${does} |`), says)
})

test.run()
