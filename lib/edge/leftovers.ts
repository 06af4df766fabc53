// What a killed operator leaves in the temporary directory: secret files, and the kubectls that outlived it.
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'

type Owner = { host: string; pid: number; startedAt: string | null }

const ownerFile = 'owner'
// A directory without owner is either about to be signed or was abandoned before.
const unsignedGraceMs = 60_000

/** Notes in a working directory whose it is. */
export async function signOwner(directory: string): Promise<void> {
  const { pid } = process
  const owner: Owner = { host: hostname(), pid, startedAt: await startOf(pid) }
  await writeFile(join(directory, ownerFile), JSON.stringify(owner), { mode: 0o600 })
}

/** Removes the working directories of dead processes of this user on this host, and ends their kubectls. */
export async function sweepLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  for (const name of names.filter((one) => /^helm-operator-[A-Za-z0-9]{6}$/.test(one))) {
    const directory = join(parent, name)
    if (!(await isAbandoned(directory))) continue
    await endKubectls(directory)
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

// Only a kubectl that was told to use this directory can belong to whoever made it.
async function endKubectls(directory: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const [program = '', ...args] = line.split('\0')
    const isOurs = args.some((argument) => argument.includes(`=${directory}/`))
    if (basename(program).startsWith('kubectl') && isOurs) endProcess(Number(pid))
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended by itself, or is not ours.
  }
}
