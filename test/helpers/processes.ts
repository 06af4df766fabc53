// Which processes run right now, told by what stands in their command line (Linux only, like the carried programs).
import { readdir, readFile } from 'node:fs/promises'
import process from 'node:process'

export type RunningProcess = { pid: number; parent: number; args: string[] }

/** Every live process with an argument that contains this text. */
export async function processesWith(text: string): Promise<RunningProcess[]> {
  return (await allProcesses()).filter(({ args }) => args.some((one) => one.includes(text)))
}

/** Every live process that this one has started, directly or through others. */
export async function descendants(): Promise<RunningProcess[]> {
  const all = await allProcesses()
  const below = (pid: number): RunningProcess[] =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...below(one.pid)])
  return below(process.pid)
}

async function allProcesses(): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
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
