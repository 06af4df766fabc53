// One thread that does one job at a time, and is started anew when a job was too much for it.
import type { Worker } from 'node:worker_threads'
import { ReconcileError } from '../../model/errors.ts'
import { embedded } from '../../util/embedded.ts'
import type { Answer, Failure, TaskName } from './tasks.ts'
import { startThread } from './thread.ts'

export type Limits = {
  heapMb: number
  // How long a job may take, and how long an idle thread is kept.
  deadlineMs: number
  idleMs: number
}
export type End =
  | { kind: 'output'; output: unknown }
  | { kind: 'failure'; failure: Failure }
  // It was too much, and the thread has gone.
  | { kind: 'memory' }
  | { kind: 'time' }

type Job = {
  name: TaskName
  input: unknown
  resolve: (end: End) => void
  reject: (error: Error) => void
}

// The one file of a build is the thread's, too: see lib/build/entry.ts.
const entry = new URL(embedded === undefined ? './worker.ts' : import.meta.url, import.meta.url)
// Objects that die young; what a job keeps is counted by heapMb.
const youngMb = 32

export class Room {
  readonly #limits: Limits
  readonly #waiting: Job[] = []
  #thread: Worker | undefined
  #current: Job | undefined
  #timer: NodeJS.Timeout | undefined
  #id = 0
  #isClosed = false

  constructor(limits: Limits) {
    this.#limits = limits
  }

  run(name: TaskName, input: unknown): Promise<End> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(interrupted())
      this.#waiting.push({ name, input, resolve, reject })
      this.#next()
    })
  }

  /** Ends the thread; jobs that are not done are Interrupted. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const job of [this.#current, ...this.#waiting.splice(0)]) job?.reject(interrupted())
    this.#current = undefined
    await this.#discard()
  }

  #next(): void {
    if (this.#isClosed || this.#current !== undefined) return
    clearTimeout(this.#timer)
    this.#current = this.#waiting.shift()
    if (this.#current === undefined) {
      this.#timer = setTimeout(() => void this.#discard(), this.#limits.idleMs)
      this.#timer.unref()
      return
    }
    // On Deno a thread that is out of memory ends without a word; this is what ends the wait there, too.
    this.#timer = setTimeout(() => this.#giveUp({ kind: 'time' }), this.#limits.deadlineMs)
    this.#thread ??= this.#open()
    const { name, input } = this.#current
    this.#thread.postMessage({ id: ++this.#id, name, input })
  }

  #open(): Worker {
    const { heapMb } = this.#limits
    const thread = startThread(entry, {
      maxOldGenerationSizeMb: heapMb,
      maxYoungGenerationSizeMb: youngMb,
    })
    let isOnline = false
    // What a thread says after it was given up is of no interest.
    const isMine = (): boolean => this.#thread === thread
    thread.on('online', () => (isOnline = true))
    thread.on('message', (answer: Answer) => {
      if (isMine() && answer.id === this.#id) this.#finish((job) => job.resolve(endOf(answer)))
    })
    thread.on('error', (error: Error & { code?: string }) => {
      if (!isMine()) return
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.#giveUp({ kind: 'memory' })
      else this.#giveUp(broken(error))
    })
    thread.on('exit', () => {
      if (isMine()) this.#giveUp(isOnline ? { kind: 'memory' } : broken())
    })
    return thread
  }

  #giveUp(end: End | Error): void {
    void this.#discard()
    this.#finish((job) => (end instanceof Error ? job.reject(end) : job.resolve(end)))
  }

  #finish(end: (job: Job) => void): void {
    const job = this.#current
    this.#current = undefined
    if (job !== undefined) end(job)
    this.#next()
  }

  async #discard(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    await thread?.terminate()
  }
}

function endOf(answer: Answer): End {
  return 'failure' in answer
    ? { kind: 'failure', failure: answer.failure }
    : { kind: 'output', output: answer.output }
}

function interrupted(): ReconcileError {
  return new ReconcileError('Interrupted', 'Cannot read further input: shutting down')
}

function broken(cause?: Error): ReconcileError {
  const message = "Cannot read input: the parser's thread cannot be started, or has ended"
  return new ReconcileError('Unexpected', message, { cause })
}
