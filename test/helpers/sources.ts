// Private places with one and the same chart "hello": each says who it lets in, and what it says to others.
import { Buffer } from 'node:buffer'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { encodeDockerConfig } from '../../lib/helm/dockerconfig.ts'
import { testBinaries } from './binaries.ts'
import type { Canaries } from './canary.ts'
import { chartFiles, indexRepository, packChart } from './charts.ts'
import { below, createRepository, withGitHttp, type GitRepository } from './gitserver.ts'
import { hasSshClient } from './skip.ts'
import { withSshServer, type SshServer } from './sshserver.ts'
import { withRegistry, type OciRegistry, type RegistryLogin } from './ociregistry.ts'
import { selfSigned, type Certificate } from './certificate.ts'
import { withWebServer, type WebServer } from './webserver.ts'

export type Source = {
  // spec.chart, with a reference to the Secret "<name of the source>".
  chart: object
  // Data of the Secret.
  right: Record<string, string>
  wrong: Record<string, string>
  // What is said of the wrong one.
  refusal: RegExp
}
export type Sources = {
  // By name, which is a name for a HelmRelease as well; "ssh" only where there is an SSH client.
  all: Record<string, Source>
  // A repository over HTTP for whoever knows the password.
  plain: { url: string; password: string }
  git: GitRepository
  // Changes the password of "https" and "git"; answers the data of their Secrets.
  rotate(): Record<'https' | 'git', Record<string, string>>
}

type Open = <T>(run: (use: (opened: T) => Promise<void>) => Promise<void>) => Promise<T>

/** Runs `use` with all of them open; charts 1.0.0 and 1.1.0 are on offer. */
export async function withSources(
  canaries: Canaries,
  use: (sources: Sources) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sources-'))
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  const closing: Promise<void>[] = []
  // What closes itself behind a function stays open until the end.
  const open: Open = (run) =>
    new Promise((resolve, reject) => {
      closing.push(run(async (opened) => (resolve(opened), await ended)).catch(reject))
    })
  try {
    await use(await openSources(directory, canaries, open))
  } finally {
    end()
    await Promise.all(closing)
    await rm(directory, { recursive: true })
  }
}

async function openSources(directory: string, canaries: Canaries, open: Open): Promise<Sources> {
  const served = join(directory, 'served')
  const pack = (version: string): Promise<string> =>
    packChart(served, chartFiles('hello', version), { name: 'hello', version })
  const archive = await pack('1.0.0')
  await pack('1.1.0')
  await indexRepository(served)
  const tls = selfSigned('server')
  // Asked for at each request, so that they can be rotated.
  const accepted = { https: canaries.password(), git: canaries.password() }
  const plain = canaries.password()
  const rotated = (name: 'https' | 'git') => {
    accepted[name] = canaries.password()
    return { username: 'ann', password: accepted[name], 'ca.crt': tls.cert }
  }
  const repository = await createRepository(join(directory, 'git/charts'))
  await repository.commit(below('hello', chartFiles('hello', '1.0.0')))
  const wrong = canaries.password()
  const place = { served, archive, directory, tls, wrong, canaries, open }
  return {
    all: {
      https: await openHttps(place, () => accepted.https),
      certificate: await openByCertificate(place),
      registry: await openRegistry(place, 'basic'),
      docker: await openRegistry(place, 'bearer'),
      git: await openGit(place, () => accepted.git),
      ...(hasSshClient() ? { ssh: await openSsh(place, repository.path) } : {}),
    },
    plain: {
      ...(await open<WebServer>((run) =>
        withWebServer(
          guarded(served, () => plain),
          run,
        ),
      )),
      password: plain,
    },
    git: repository,
    rotate: () => ({ https: rotated('https'), git: rotated('git') }),
  }
}

type Place = {
  served: string
  archive: string
  directory: string
  tls: Certificate
  wrong: string
  canaries: Canaries
  open: Open
}

function guarded(served: string, password?: () => string): RequestListener {
  return (request, response) => {
    const pair = Buffer.from(request.headers.authorization?.slice('Basic '.length) ?? '', 'base64')
    if (password && String(pair) !== `ann:${password()}`) return response.writeHead(401).end()
    void readFile(join(served, request.url ?? '')).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    )
  }
}

function inRepository(url: string): object {
  return { repository: url, name: 'hello', version: '1.0.0' }
}

async function openHttps({ served, tls, wrong, open }: Place, password: () => string) {
  const run = guarded(served, password)
  const { url } = await open<WebServer>((use) => withWebServer(run, use, tls))
  const user = { username: 'ann', 'ca.crt': tls.cert }
  return {
    chart: { ...inRepository(url), chartPullSecret: { name: 'https' } },
    right: { ...user, password: password() },
    wrong: { ...user, password: wrong },
    refusal: /the server refuses these credentials \(401\)$/,
  }
}

async function openByCertificate({ served, tls, canaries, open }: Place): Promise<Source> {
  const [ours, stranger] = [selfSigned('ours'), selfSigned('stranger')]
  for (const { key } of [ours, stranger]) canaries.pem(key)
  const { url } = await open<WebServer>((use) =>
    withWebServer(guarded(served), use, { ...tls, clientCa: ours.cert }),
  )
  const identity = ({ cert, key }: Certificate) => ({
    ...{ 'ca.crt': tls.cert, 'tls.crt': cert, 'tls.key': key },
  })
  return {
    chart: { ...inRepository(url), secretRef: { name: 'certificate' } },
    right: identity(ours),
    wrong: identity(stranger),
    refusal: /hung up; it may not accept our certificate$/,
  }
}

async function openRegistry(place: Place, kind: RegistryLogin['kind']): Promise<Source> {
  const { directory, archive, wrong, canaries, open } = place
  const login = { kind, username: 'ann', password: canaries.password() }
  const { host, ca } = await open<OciRegistry>((use) => withRegistry(use, { login }))
  const [caFile, config] = [join(directory, `${kind}.pem`), join(directory, `${kind}.json`)]
  await writeFile(caFile, ca)
  await writeFile(config, encodeDockerConfig(host, login))
  const { helm4 } = await testBinaries()
  const files = ['--ca-file', caFile, '--registry-config', config]
  await createRunner({ env: process.env })([
    helm4,
    'push',
    archive,
    `oci://${host}/charts`,
    ...files,
  ])
  const secretOf = (password: string): Record<string, string> =>
    kind === 'basic'
      ? { username: 'ann', password, 'ca.crt': ca }
      : { '.dockerconfigjson': encodeDockerConfig(host, { ...login, password }), 'ca.crt': ca }
  const name = kind === 'basic' ? 'registry' : 'docker'
  return {
    chart: { ...inRepository(`oci://${host}/charts`), chartPullSecret: { name } },
    right: secretOf(login.password),
    wrong: secretOf(wrong),
    refusal: /the registry refuses these credentials \(401\)$/,
  }
}

async function openGit({ directory, tls, wrong, open }: Place, password: () => string) {
  const { url } = await open<WebServer>((use) =>
    withGitHttp(join(directory, 'git'), use, { password, tls }),
  )
  const user = { username: 'ann', 'ca.crt': tls.cert }
  return {
    chart: { git: `${url}/charts/.git`, ref: 'main', path: 'hello', secretRef: { name: 'git' } },
    right: { ...user, password: password() },
    wrong: { ...user, password: wrong },
    refusal: /the server refuses these credentials$/,
  }
}

async function openSsh({ canaries, open }: Place, path: string): Promise<Source> {
  const server = await open<SshServer>(withSshServer)
  const { url, knownHosts: known_hosts } = server
  return {
    chart: { git: `${url}${path}`, ref: 'main', path: 'hello', secretRef: { name: 'ssh' } },
    right: { identity: canaries.pem(server.identity), known_hosts },
    wrong: { identity: canaries.pem(server.stranger), known_hosts },
    refusal: /the host refuses our SSH key; add its public half to the repository$/,
  }
}
