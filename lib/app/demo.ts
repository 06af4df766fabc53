// The whole product in one process: a sandbox cluster, the operator on it, and a few HelmReleases to watch and to edit.
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findHelms, findKubectl } from '../edge/binaries.ts'
import { systemClock } from '../edge/clock.ts'
import { createRunner, type Run } from '../edge/exec.ts'
import type { KubeObject } from '../model/json.ts'
import { createSharedAbort } from '../util/abort.ts'
import { writeAssets } from './assets.ts'
import { readConfig } from './config.ts'
import { readExamples, serveExamples } from './examples.ts'
import { runOperator } from './run.ts'
import { startSandbox, type StartedSandbox } from './sandbox.ts'
import { isReady, isSettled, renderTable } from './table.ts'

export type DemoOptions = {
  exit: boolean
  port: number
  env: Readonly<Record<string, string | undefined>>
  out: (text: string) => void
  isTerminal: boolean
  signal: AbortSignal
}

// Says of an example that it is meant to fail, so that --exit can tell an intended mistake from a real one.
const expectAnnotation = 'demo.helm-operator/expect'
// Everything has settled within seconds; a demo that takes longer has failed.
const settleMs = 120_000
const columns = 200

/** Runs the demo; 0 when all has settled as intended, 1 when not. Leaves no process and no file behind. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'helm-operator-demo-'))
  const ended = createSharedAbort()
  options.signal.addEventListener('abort', () => ended.abort())
  const cleanUps: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  try {
    const run = createRunner({ env: options.env })
    const kubectl = await findKubectl({ path: options.env.PATH })
    const [helm] = await findHelms({ path: options.env.PATH, majors: [3, 4], run })
    const kubeconfig = join(dir, 'kubeconfig')
    const sandbox = await startSandbox({ port: options.port, kubeconfig })
    cleanUps.unshift(() => sandbox.stop())
    const sources = await serveExamples({ dir, helm: helm!.path, run })
    cleanUps.unshift(() => sources.close())

    const apply = (text: string): Promise<void> => applyText({ kubectl, kubeconfig, run, text })
    options.out(`Sandbox cluster at ${sandbox.url}, operator starting\n`)
    await writeAssets('crds', dir)
    await run([kubectl, 'apply', '--kubeconfig', kubeconfig, '--kustomize', join(dir, 'crds')])
    const operator = startOperator(options, { dir, kubeconfig, signal: ended.signal })
    cleanUps.unshift(() => (ended.abort(), operator))
    const texts = (await readExamples(sources)).map(({ text }) => text)
    for (const text of texts) await apply(text)

    const wanted = texts.join('\n').match(/^kind: HelmRelease$/gm)?.length ?? 0
    const verdict = await watchUntilSettled(sandbox, wanted, options)
    if (options.exit || options.signal.aborted) return verdict
    options.out(invitation(kubeconfig))
    await keepShowing(sandbox, options)
    return 0
  } finally {
    for (const cleanUp of cleanUps) await cleanUp()
  }
}

async function applyText(options: {
  kubectl: string
  kubeconfig: string
  run: Run
  text: string
}): Promise<void> {
  const { kubectl, kubeconfig, run, text } = options
  await run([kubectl, 'apply', '--kubeconfig', kubeconfig, '-f', '-'], { stdin: text })
}

// Its log goes to a file: the table has the screen.
function startOperator(
  { env }: DemoOptions,
  { dir, kubeconfig, signal }: { dir: string; kubeconfig: string; signal: AbortSignal },
): Promise<number> {
  const log = createWriteStream(join(dir, 'operator.log'))
  const config = readConfig(
    [
      `--kubeconfig=${kubeconfig}`,
      `--cache-dir=${join(dir, 'cache')}`,
      '--listen=127.0.0.1:0',
      '--graceful-shutdown-timeout=10s',
      // People try their own charts, and the disk is theirs.
      '--allow-local-sources',
    ],
    env,
  )
  return runOperator(config, { env, signal, write: (line) => log.write(line) }).finally(
    () => new Promise((resolve) => log.end(resolve)),
  )
}

function releasesOf(sandbox: StartedSandbox): KubeObject[] {
  return sandbox.api.list('helmreleases.helm.fluxcd.io') as unknown as KubeObject[]
}

async function watchUntilSettled(
  sandbox: StartedSandbox,
  wanted: number,
  options: DemoOptions,
): Promise<number> {
  const deadline = systemClock().now() + settleMs
  const screen = createScreen(options)
  for (;;) {
    const releases = releasesOf(sandbox)
    screen(releases)
    if (releases.length >= wanted && releases.every(isSettled)) return judge(releases, options)
    if (options.signal.aborted) return 0
    if (systemClock().now() > deadline) {
      options.out('\nCannot show the demo: not everything has settled in time\n')
      return 1
    }
    await pause(options.signal)
  }
}

async function keepShowing(sandbox: StartedSandbox, options: DemoOptions): Promise<void> {
  const screen = createScreen(options)
  while (!options.signal.aborted) {
    screen(releasesOf(sandbox))
    await pause(options.signal)
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return systemClock()
    .sleep(200, signal)
    .catch(() => undefined)
}

function judge(releases: readonly KubeObject[], { out }: DemoOptions): number {
  const isMeantToFail = ({ metadata }: KubeObject): boolean =>
    metadata.annotations?.[expectAnnotation] === 'failure'
  const surprises = releases.filter((release) => isReady(release) === isMeantToFail(release))
  const failed = releases.length - releases.filter(isReady).length
  out(
    surprises.length === 0
      ? `\nSettled: ${releases.length - failed} released, ${failed} with the mistake they were written with\n`
      : `\nNot as intended: ${surprises.map(({ metadata }) => metadata.name).join(', ')}\n`,
  )
  return surprises.length === 0 ? 0 : 1
}

// On a terminal the table is drawn over itself; elsewhere only what changed is printed.
function createScreen({ isTerminal, out }: DemoOptions): (releases: readonly KubeObject[]) => void {
  let before = ''
  let height = 0
  return (releases) => {
    const lines = renderTable(releases, columns)
    const text = lines.join('\n')
    if (text === before) return
    before = text
    out(isTerminal && height > 0 ? `\u001B[${height}A\u001B[J${text}\n` : `${text}\n`)
    height = lines.length
  }
}

function invitation(kubeconfig: string): string {
  return `
Try it from another terminal, and watch the table; Ctrl-C ends everything:

  export KUBECONFIG=${kubeconfig}
  kubectl --namespace demo get hr
  kubectl --namespace demo edit hr web        # change spec.values.replicas, say
  kubectl --namespace demo get deployments

`
}
