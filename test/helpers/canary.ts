// Secrets that a test can find again: in whatever an operator shows, starts or writes, and however they are written there.
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { RunningOperator } from './operator.ts'

export type Canaries = {
  // A new password.
  password(): string
  // The same PEM, from which one can be told if any of its content is shown.
  pem(text: string): string
  // What of them stands in a text.
  in(text: string): string[]
}

/** An empty cage. */
export function keepCanaries(): Canaries {
  const traces: string[] = []
  const keep = (secret: string): void => {
    traces.push(secret, ...inBase64(secret))
  }
  return {
    password: () => {
      const password = `canary-${randomBytes(9).toString('hex')}`
      keep(password)
      return password
    },
    pem: (text) => {
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
      // The first line of a key is the same for all keys of its kind.
      for (const line of lines.slice(1)) if (line.length > 12) keep(line)
      return text
    },
    in: (text) => traces.filter((trace) => text.includes(trace)),
  }
}

/** What is always in the base64 of a text that holds it, whatever stands before it. */
export function inBase64(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const packed = Buffer.from(' '.repeat(offset) + text).toString('base64')
    return packed.slice(offset * 2, Math.floor(((offset + text.length) * 4) / 3) - 1)
  })
}

/** What people get to see of HelmReleases: log, events and statuses. */
export function shownBy({ api, log }: RunningOperator): string {
  const events = api
    .list('events')
    .filter(({ involvedObject }) => (involvedObject as { kind?: string }).kind === 'HelmRelease')
  const statuses = api.list('helmreleases.helm.fluxcd.io').map(({ status }) => status)
  assert.ok(events.length > 0 && statuses.length > 0, 'nobody was told anything')
  return log() + JSON.stringify([events, statuses])
}

export type FoundFile = { path: string; mode: number; text: string }

/** Every file and directory below a path, itself included. */
export async function readFiles(path: string): Promise<FoundFile[]> {
  const info = await lstat(path)
  const mode = info.mode & 0o777
  if (!info.isDirectory())
    return [{ path, mode, text: info.isFile() ? await readFile(path, 'latin1') : '' }]
  const below = await Promise.all((await readdir(path)).map((name) => readFiles(join(path, name))))
  return [{ path, mode, text: '' }, ...below.flat()]
}
