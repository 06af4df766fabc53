// How a container of the sandbox behaves, read from its image, command and probes. Nothing runs, so what they say is all
// there is; `conventions` is the whole list, and docs/sandbox.md shows it.
import type { Container, Probe } from './shapes.ts'

export type Behaviour = {
  image: 'present' | 'pulled' | 'missing'
  // Sandbox milliseconds until the main process ends; Infinity for a server.
  runsForMs: number
  exit: { code: number; reason: string }
  // What a probe that never passes reports; absent when the probe passes or there is none.
  unready?: string
  dead?: string
  unstarted?: string
  // Why the container cannot be created: a Secret or ConfigMap of its environment that is missing.
  misconfigured?: string
}

export const conventions = [
  ['image name or tag contains `missing` or `notfound`', '`ErrImagePull`, then `ImagePullBackOff`'],
  ['the last statement of the command is `exit N`, unconditionally', 'it ends with code N'],
  ['the last statement is `false` or `/bin/false`', 'it ends with code 1'],
  ['a word of the command is `crash` or `--crash`', 'it ends with code 1'],
  ['a word of the command is `oom`', 'it is OOMKilled, code 137'],
  [
    'the command says `sleep N` (`30`, `30s`, `5m`, `infinity`)',
    'it runs that long before it ends',
  ],
  ['the command says `while true` or `while :`', 'it never ends'],
  ['none of these, restartPolicy Always', 'it runs for ever'],
  ['none of these, restartPolicy Never or OnFailure', 'it ends with code 0 after 0.1 s'],
  [
    'a process that ends with restartPolicy Always',
    '`CrashLoopBackOff`, the count of restarts grows',
  ],
  ['a readiness probe runs `false` or `exit N`', 'the pod never becomes ready, event `Unhealthy`'],
  [
    'a probe’s path, port or service says `fail`, `unready` or `unhealthy`',
    'the probe never passes',
  ],
  ['a probe connects to port 1', 'the probe never passes'],
  ['an argument is `--unready`', 'the readiness probe never passes'],
  ['an argument is `--unhealthy`', 'liveness never passes, the container is restarted'],
  [
    'the environment names a missing Secret or ConfigMap',
    '`CreateContainerConfigError` until it exists',
  ],
  ['a volume names a missing Secret or ConfigMap', 'event `FailedMount`, the container waits'],
  ['nodeSelector or required node affinity excludes the node', 'Pending, `Unschedulable`'],
  ['a volume names a claim that is missing or unbound', 'Pending, `Unschedulable`'],
  ['requests exceed the node (8 CPU, 32Gi)', 'Pending, `Unschedulable`'],
  ['a claim’s storageClassName does not exist', 'the claim stays Pending, `ProvisioningFailed`'],
] as const

const shortRunMs = 100

/** Reads a container; `restarts` says that its pod's restartPolicy is Always (or that it is a sidecar). */
export function readBehaviour(container: Container, restarts: boolean): Behaviour {
  const script = readScript([...(container.command ?? []), ...(container.args ?? [])])
  const words = script.split(/\s+/)
  const exit = readExit(script)
  const unready =
    failingProbe(container.readinessProbe) ?? flagged(container.readinessProbe, words, '--unready')
  const dead =
    failingProbe(container.livenessProbe) ?? flagged(container.livenessProbe, words, '--unhealthy')
  const unstarted = failingProbe(container.startupProbe)
  return {
    image: readImage(container),
    runsForMs: readDuration(script, exit !== undefined, restarts),
    exit: exit ?? { code: 0, reason: 'Completed' },
    ...(unready === undefined ? {} : { unready }),
    ...(dead === undefined ? {} : { dead }),
    ...(unstarted === undefined ? {} : { unstarted }),
  }
}

/** What a probe that can never pass would report, or undefined. */
export function failingProbe(probe: Probe | undefined): string | undefined {
  if (!probe) return undefined
  const says = /\b(?:fail|unready|unhealthy)\b/
  const { exec, httpGet, tcpSocket, grpc } = probe
  if (exec) {
    const code = readExit(readScript(exec.command ?? []))?.code ?? 0
    return code === 0 ? undefined : `command exited with code ${code}`
  }
  if (httpGet && httpGet.port === 1) return refused(1)
  if (httpGet && says.test(`${httpGet.path ?? ''} ${httpGet.port ?? ''}`))
    return 'HTTP probe failed with statuscode: 503'
  if (tcpSocket && (tcpSocket.port === 1 || says.test(String(tcpSocket.port))))
    return refused(tcpSocket.port ?? 1)
  if (grpc && (grpc.port === 1 || says.test(grpc.service ?? '')))
    return 'service unhealthy (responded with "NOT_SERVING")'
  return undefined
}

function refused(port: number | string): string {
  return `dial tcp 127.0.0.1:${port}: connect: connection refused`
}

function flagged(
  probe: Probe | undefined,
  words: readonly string[],
  flag: string,
): string | undefined {
  if (!probe || !words.includes(flag)) return undefined
  return probe.exec ? 'command exited with code 1' : 'HTTP probe failed with statuscode: 503'
}

function readImage({ image = '', imagePullPolicy }: Container): Behaviour['image'] {
  if (/missing|notfound/.test(image)) return 'missing'
  return imagePullPolicy === 'Always' ? 'pulled' : 'present'
}

// What a shell is told to run, or the command line itself.
function readScript(argv: readonly string[]): string {
  const shell = /^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a)?sh$/
  const flag = shell.test(argv[0] ?? '') ? argv.findIndex((arg) => /^-\w*c$/.test(arg)) : -1
  return argv
    .slice(flag + 1)
    .join(' ')
    .trim()
}

// Only the last statement counts, and not behind "||": real scripts say "exit 1" where they give up.
function readExit(script: string): Behaviour['exit'] | undefined {
  if (/(?:^|\s)(?:--)?crash(?:\s|;|$)/.test(script)) return { code: 1, reason: 'Error' }
  if (/(?:^|\s)oom(?:\s|;|$)/.test(script)) return { code: 137, reason: 'OOMKilled' }
  const last = /(?:^|(\|\|)|&&|;|\n)\s*(?:exit (\d+)|(?:\/bin\/)?false)\s*;?\s*$/.exec(script)
  if (!last || last[1] === '||') return undefined
  const code = Number(last[2] ?? 1)
  return { code, reason: code === 0 ? 'Completed' : 'Error' }
}

function readDuration(script: string, ends: boolean, restarts: boolean): number {
  if (/\bwhile (?:true|:)/.test(script) || /\bsleep inf/.test(script)) return Infinity
  const sleeps = [...script.matchAll(/\bsleep (\d+(?:\.\d+)?)([smhd]?)\b/g)]
  const unit = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  const slept = sleeps.reduce((sum, [, n, u]) => sum + Number(n) * unit[u as keyof typeof unit], 0)
  if (ends) return Math.max(slept, shortRunMs / 2)
  return restarts ? Infinity : Math.max(slept, shortRunMs)
}
