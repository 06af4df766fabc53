// What every program we start has in common: its environment, who counts it, and how it is made to end.
import process from 'node:process'

export type Env = Readonly<Record<string, string | undefined>>

/** Where programs are started from: their base environment, and whoever counts them. */
export type ProcessHost = {
  env: Env
  onStart?: (program: string) => void
  onEnd?: (program: string, tookMs: number) => void
}

type Child = { pid?: number | undefined; kill(signal: NodeJS.Signals): boolean }

/** The environment of one program: the host's, changed by the call's, without what would change the shell. */
export function childEnv(host: Env, call: Env = {}): Record<string, string> {
  // Bash runs or prints whatever these say before each command.
  const shell = { BASH_ENV: undefined, ENV: undefined, SHELLOPTS: undefined, BASHOPTS: undefined }
  // Without SHLVL, Debian's bash takes our pipe for a remote shell and sources ~/.bashrc.
  const merged: Env = { SHLVL: '1', ...host, ...call, ...shell }
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** Signals a detached child together with everything it started. */
export function signalGroup(child: Child, signal: NodeJS.Signals): void {
  // A child that never started has no pid, and -0 would be our own group.
  if (!child.pid) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // No such group, or a runtime that may signal only its own children.
    child.kill(signal)
  }
}
