// What a killed operator leaves in the temporary directory: secret files, and the kubectls that outlived it.
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

type Owner = { host: string; pid: number; startedAt: string | null }

const ownerFile = 'owner'
// A directory without owner is either about to be signed or was abandoned before.
const unsignedGraceMs = 60_000
// Told to stop, helm still writes into its storage that it was.
const endGraceMs = 20_000

// In the environment of every program: whose it is.
export const workdirVariable = 'HELM_OPERATOR_WORKDIR'

/** Notes in a working directory whose it is. */
export async function signOwner(directory: string): Promise<void> {
  const { pid } = process
  const owner: Owner = { host: hostname(), pid, startedAt: await startOf(pid) }
  await writeFile(join(directory, ownerFile), JSON.stringify(owner), { mode: 0o600 })
}

/** Removes the working directories of dead processes of this user on this host, and ends their programs. */
export async function sweepLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  for (const name of names.filter((one) => /^helm-operator-[A-Za-z0-9]{6}$/.test(one))) {
    const directory = join(parent, name)
    if (!(await isAbandoned(directory))) continue
    await endPrograms(directory)
    // Somebody else may be sweeping too.
    await rm(directory, { recursive: true, force: true }).catch(() => {})
  }
}

async function isAbandoned(directory: string): Promise<boolean> {
  try {
    const found = await lstat(directory)
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false
    const text = await readFile(join(directory, ownerFile), 'utf8').catch(() => '')
    if (text === '') return Date.now() - found.mtimeMs > unsignedGraceMs
    const owner = JSON.parse(text) as Owner
    return owner.host === hostname() && !(await isAlive(owner))
  } catch {
    return false
  }
}

// A container's processes get the same few ids after every restart: the id alone proves nothing.
async function isAlive({ pid, startedAt }: Owner): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return startedAt === null || startedAt === (await startOf(pid))
}

// Clock ticks since boot, where there is a /proc; the program's name before it may contain anything but comes in ( ).
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

// A program that was told to use this directory, by an argument or in its environment, belongs to whoever made it. A helm
// among them may still be changing a release, so they must be gone before anything else is done.
async function endPrograms(directory: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map((pid) => belongsTo(directory, pid)))
  const ours = pids.filter((_, index) => found[index]).map(Number)
  for (const pid of ours) endProcess(pid, 'SIGTERM')
  const endsAt = Date.now() + endGraceMs
  while (ours.some(isThere) && Date.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, 50))
  for (const pid of ours.filter(isThere)) endProcess(pid, 'SIGKILL')
}

async function belongsTo(directory: string, pid: string): Promise<boolean> {
  if (Number(pid) === process.pid) return false
  const read = (name: string): Promise<string> =>
    readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
  const [line, environment] = await Promise.all([read('cmdline'), read('environ')])
  const isTold = line.split('\0').some((argument) => argument.includes(`=${directory}/`))
  return isTold || environment.split('\0').includes(`${workdirVariable}=${directory}`)
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself, or is not ours.
  }
}
