// Which processes run right now, told by what stands in their command line (Linux only, like the carried programs).
import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'

export type RunningProcess = { pid: number; parent: number; args: string[] }

/** Every live process with an argument that contains this text. */
export async function processesWith(text: string): Promise<RunningProcess[]> {
  return (await allProcesses()).filter(({ args }) => args.some((one) => one.includes(text)))
}

/** Every live process that this one, or the one named, has started, directly or through others. */
export async function descendants(of = process.pid): Promise<RunningProcess[]> {
  const all = await allProcesses()
  const below = (pid: number): RunningProcess[] =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)])
  return below(of)
}

/** Whether a process of this number is alive. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await readProcess(pid)) !== undefined
}

/** Stops a process as if it hung. False when it has ended before it could be stopped. */
export async function freeze(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 'SIGSTOP')
    for (;;) {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      const [state = ''] = stat.slice(stat.lastIndexOf(')') + 2)
      if (state === 'T') return true
      if ('ZX'.includes(state)) return false
    }
  } catch {
    return false
  }
}

async function allProcesses(): Promise<RunningProcess[]> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(pids.map(readProcess))
  return found.filter((one) => one !== undefined)
}

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; only its parent has not looked yet.
    if (state === 'Z' || state === 'X') return undefined
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8')
    return { pid, parent: Number(parent), args: line.split('\0').slice(0, -1) }
  } catch {
    return undefined
  }
}

export type Sightings = {
  // The command lines of processes that began meanwhile, each once, its arguments with spaces between them.
  commands: ReadonlySet<string>
  // Their environments, as far as they can be read: of processes of the same user only.
  environments: ReadonlySet<string>
}

/** Looks at every process that begins while `use` runs, again and again: what it executes changes. */
export async function watchProcesses<T>(use: (seen: Sightings) => Promise<T>): Promise<T> {
  const seen = { commands: new Set<string>(), environments: new Set<string>() }
  const old = new Set(readdirSync('/proc'))
  const look = (): void => {
    for (const pid of readdirSync('/proc')) {
      if (old.has(pid) || !/^\d+$/.test(pid)) continue
      const [command, environment] = ['cmdline', 'environ'].map((name) => readNow(pid, name))
      if (command) seen.commands.add(command)
      if (environment) seen.environments.add(environment)
    }
  }
  // No process is over within two milliseconds.
  const timer = setInterval(look, 2)
  try {
    return await use(seen)
  } finally {
    clearInterval(timer)
  }
}

function readNow(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It has ended, or it is somebody else's.
    return ''
  }
}
