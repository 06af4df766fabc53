// The image cannot be built where tests run, so what it is built from is checked instead.
import { Buffer } from 'node:buffer'
import { readFile, stat, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assetPaths } from '../../lib/app/assets.ts'
import { platforms } from '../../lib/build/executable.ts'
import { unpackBinary } from '../../lib/edge/binaries.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { withBuilt } from '../helpers/built.ts'
import { startProgram } from '../helpers/cli.ts'
import { renderKustomization } from '../helpers/kustomize.ts'

const test = suite('the image')

async function read(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
}

// Instructions without comments, continuation lines joined, bodies of here-documents left out.
async function instructions(): Promise<string[]> {
  const text = await read('Dockerfile')
  return text
    .replace(/<<'EOF'(.*)\n[\s\S]*?\nEOF$/gm, '$1')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
}

test('everything it copies from here exists and is let through by .dockerignore', async () => {
  const sources = (await instructions())
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
    .filter((word) => !word.startsWith('--'))
  assert.ok(sources.length > 4)
  const ignore = (await read('.dockerignore')).split('\n')
  assert.ok(ignore.includes('*'))
  for (const source of sources) {
    await stat(new URL(`../../${source}`, import.meta.url))
    assert.ok(ignore.includes(`!${source}`), `.dockerignore hides ${source}`)
  }
})

test('every base is pinned to a version, and Node is one that runs TypeScript', async () => {
  const lines = await instructions()
  const versions = new Map(
    lines.flatMap((line) => {
      const [, name, version] = /^ARG (\w+)=(\d+\.\d+\.\d+)$/.exec(line) ?? []
      return name && version ? [[name, version]] : []
    }),
  )
  const bases = lines.filter((line) => line.startsWith('FROM '))
  assert.is(bases.length, 4)
  for (const base of bases) assert.ok(versions.has(/\$\{(\w+)\}/.exec(base)?.[1] ?? ''), base)
  const node = versions.get('NODE_VERSION')!
  const [major, minor] = node.split('.').map(Number)
  assert.ok(major === 22 && minor! >= 18)
  // The one that continuous integration starts everything with.
  assert.match(await read('test/runtime/smoke.sh'), `node22=${node}\n`)
})

test('kubectl and helm are those of the tests', async () => {
  const text = (await instructions()).join('\n')
  const [helm4, kubectl] = [await unpackBinary('helm', 4), await unpackBinary('kubectl', 4)]
  // On other machines, tests take what there is.
  if (helm4 === undefined || kubectl === undefined) return
  const run = createRunner({ env: process.env })
  const helm = await run([helm4, 'version', '--template', '{{.Version}}'])
  assert.match(text, `ARG HELM_VERSION=${helm.stdout.replace('v', '')}\n`)
  const client = await run([kubectl, 'version', '--client', '--output=json'])
  const { clientVersion } = JSON.parse(client.stdout) as { clientVersion: { gitVersion: string } }
  assert.match(text, `ARG KUBECTL_VERSION=${clientVersion.gitVersion.slice(1)}\n`)
})

test('it is not root where a Deployment says nothing', async () => {
  const lines = await instructions()
  const user = lines.findIndex((line) => line === 'USER 65532:65532')
  assert.ok(user > lines.findLastIndex((line) => line.startsWith('RUN ')))
  assert.ok(user < lines.findIndex((line) => line.startsWith('ENTRYPOINT ')))
})

test('a release builds it from bases by digest, which the workflow looks up', async () => {
  const lines = await instructions()
  const workflow = await read('.github/workflows/release.yaml')
  for (const base of lines.filter((line) => line.startsWith('FROM '))) {
    const [, name = ''] = /\$\{(\w+_DIGEST)\}/.exec(base) ?? []
    assert.ok(lines.includes(`ARG ${name}=`), base)
    assert.match(workflow, `${name}=`)
  }
})

test('a release has a list of its packages, a provenance and a signature', async () => {
  const workflow = await read('.github/workflows/release.yaml')
  for (const part of ['npm sbom', 'npm audit', 'provenance: mode=max', 'sbom: true', 'cosign sign'])
    assert.match(workflow, part)
})

test('a release has the one file and executables of it, which were started, with checksums and provenance', async () => {
  const workflow = await read('.github/workflows/release.yaml')
  assert.match(workflow, `npm run build -- ${Object.keys(platforms).join(' ')}`)
  for (const name of Object.keys(platforms)) assert.match(workflow, `file: helm-operator-${name} }`)
  for (const part of ['demo --exit', 'sha256sum', 'subject-checksums: dist/SHA256SUMS'])
    assert.match(workflow, part)
  // Deno is that of the tests.
  const [, deno] = /^deno=(\S+)$/m.exec(await read('test/runtime/smoke.sh')) ?? []
  assert.match(workflow, `deno-version: ${deno} }`)
})

test('the user that our Deployments ask for is not root, exists, and may write to home and cache', async () => {
  const text = (await instructions()).join('\n')
  const deployment = (await renderKustomization('kustomize/base')).at(-1)!
  const { template } = deployment['spec'] as {
    template: { spec: { securityContext: { runAsUser: number; runAsNonRoot: boolean } } }
  }
  const { runAsUser: user, runAsNonRoot } = template.spec.securityContext
  assert.is(runAsNonRoot, true)
  assert.match(text, `useradd --uid ${user} `)
  assert.match(text, `install -d -o ${user} -g ${user} -m 0750 /root /var/cache/helm-operator`)
})

test('its arguments are flags of the operator, behind an init that reaps orphans', async () => {
  const entry = (await instructions()).find((line) => line.startsWith('ENTRYPOINT '))!
  assert.equal(JSON.parse(entry.slice('ENTRYPOINT '.length)), [
    '/usr/bin/tini',
    '--',
    'helm-operator',
  ])
})

test('it carries the one file and the list of its packages, made from the sources beside it', async () => {
  const lines = await instructions()
  assert.ok(
    lines.includes(
      'RUN npm run build && npm sbom --omit=dev --sbom-format=cyclonedx > dist/helm-operator.cdx.json',
    ),
  )
  assert.ok(lines.includes('COPY --from=build /build/dist /opt/helm-operator'))
  // What the build of the file reads, and no more.
  const copied = lines.filter((line) => /^COPY (?:package|lib|crds|examples)/.test(line)).join(' ')
  for (const path of ['lib', ...assetPaths]) assert.match(copied, ` ${path} `)
})

test('"helm-operator" is a command in it, as it was in the image it replaces', async () => {
  const [, target = '', name = ''] = /^RUN ln -s (\S+) (\S+)$/m.exec(
    (await instructions()).join('\n'),
  )!
  assert.is(name, '/usr/local/bin/helm-operator')
  await withBuilt(async ({ directory, file }) => {
    assert.is(basename(file), basename(target))
    await symlink(file, join(directory, 'helm-operator'))
    const ended = startProgram([join(directory, 'helm-operator'), 'version'], { env: {} }).ended
    const { version } = JSON.parse(await read('package.json')) as { version: string }
    assert.is((await ended).stdout, `${version}\n`)
  })
})

test('it has the programs that the operator starts, and those that plugins of helm are installed with', async () => {
  const text = (await instructions()).join('\n')
  const [, installed = ''] = /--no-install-recommends ([^&]+)&&/.exec(text) ?? []
  assert.equal(installed.trim().split(/\s+/), [
    ...['bash', 'ca-certificates', 'curl', 'git', 'openssh-client', 'tini'],
  ])
  for (const name of ['kubectl', 'helm'])
    assert.match(text, new RegExp(`^COPY --from=${name} \\S+ /usr/local/bin/${name}$`, 'm'))
})

test('every known host key is what its line says it is', async () => {
  const text = await read('Dockerfile')
  const [, hosts = ''] = /ssh_known_hosts\n([\s\S]*?)\nEOF/.exec(text) ?? []
  const lines = hosts.split('\n')
  assert.ok(lines.length >= 9)
  for (const line of lines) {
    const [, type, key] = line.split(' ')
    const blob = Buffer.from(key!, 'base64')
    assert.is(blob.subarray(4, 4 + blob.readUInt32BE(0)).toString(), type)
  }
})

test.run()
