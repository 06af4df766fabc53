// How much memory and CPU time does a program use, its children included? Read from /proc; elsewhere nothing is known.
import { readFile } from 'node:fs/promises'

export type Usage = { residentBytes: number; cpuMs: number }

export type UsageLimits = {
  // Memory that is really held, of the program and its children together. 0 is no limit. Address space is not counted: a Go
  // program reserves far more than it ever uses.
  residentBytes: number
  // CPU time; what waits for a server uses next to none. 0 is no limit.
  cpuMs: number
}

// The tick of /proc/<pid>/stat, which Linux shows to programs as 100 a second on every architecture.
const tickMs = 10
// helm starts git, a plugin and whatever that starts.
const maxProcesses = 64

/** The usage of a process and of all that it has started; undefined where it cannot be read. */
export async function readUsage(pid: number): Promise<Usage | undefined> {
  const waiting = [pid]
  const total: Usage = { residentBytes: 0, cpuMs: 0 }
  let known = 0
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const found = await readOne(next)
    if (found === undefined) continue
    total.residentBytes += found.usage.residentBytes
    total.cpuMs += found.usage.cpuMs
    if (++known >= maxProcesses) break
    waiting.push(...found.children)
  }
  return known === 0 ? undefined : total
}

async function readOne(pid: number): Promise<{ usage: Usage; children: number[] } | undefined> {
  try {
    const [stat, status, children] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => ''),
    ])
    // The name in brackets may hold anything; utime, stime, cutime and cstime are the 14th to the 17th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + (Number(field) || 0), 0)
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []
    return {
      usage: { residentBytes: Number(kilobytes) * 1_024, cpuMs: ticks * tickMs },
      children: children.trim() === '' ? [] : children.trim().split(' ').map(Number),
    }
  } catch {
    return undefined
  }
}

// A template can take half a gigabyte in a second.
const lookEveryMs = 50

/** Looks at a running program until told to stop; says once which limit it has passed. */
export function watchUsage(
  pid: number,
  limits: UsageLimits,
  onExceeded: (limit: 'memory' | 'cpu') => void,
): () => void {
  if (limits.residentBytes === 0 && limits.cpuMs === 0) return () => {}
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let isReadable = false
  const look = async (): Promise<void> => {
    const usage = await readUsage(pid)
    isReadable ||= usage !== undefined
    // Where the first look shows nothing, the system does not tell. Later, one look may fail for want of a file handle.
    if (isOver || !isReadable) return
    const exceeded = usage && limitExceeded(usage, limits)
    if (exceeded !== undefined) return onExceeded(exceeded)
    timer = setTimeout(() => void look(), lookEveryMs)
  }
  timer = setTimeout(() => void look(), lookEveryMs)
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}

function limitExceeded(usage: Usage, limits: UsageLimits): 'memory' | 'cpu' | undefined {
  if (limits.residentBytes > 0 && usage.residentBytes > limits.residentBytes) return 'memory'
  return limits.cpuMs > 0 && usage.cpuMs > limits.cpuMs ? 'cpu' : undefined
}
