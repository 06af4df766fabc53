// Reads what others wrote without staking the process on it: in a thread with a heap of its own and a deadline. An input that
// was too much for the thread ends only that, is remembered, and is refused from then on.
import { ReconcileError, type ErrorCode } from '../../model/errors.ts'
import { createQuarantine } from './quarantine.ts'
import { Room, type Limits } from './room.ts'
import { tasks, type Failure, type Input, type Output, type TaskName } from './tasks.ts'

export type Parser = {
  // Throws what the task throws, and for an input that is too much what `refuse` makes of the reason.
  run<Name extends TaskName>(name: Name, input: Input<Name>, call: Call): Promise<Output<Name>>
  // Ends the thread; what is not read by then is Interrupted.
  close(): Promise<void>
}
export type Call = {
  // Is it so little that it may be read in line?
  isLittle?: boolean
  // The same for the same content only.
  identity: () => string | Promise<string>
  refuse: (why: string) => ReconcileError
}
export type ParserOptions = Limits & {
  now: () => number
  // Told of every input that is refused.
  onRefused: (reason: RefusalReason) => void
}
export type RefusalReason = 'memory' | 'time' | 'known'

/**
 * The heap holds the syntax tree of as much YAML as parseYaml() takes; a container of 1 GiB has room for it beside the operator
 * and a few helm processes. The deadline is ten times what the largest public index takes.
 */
export const parserLimits: Limits = { heapMb: 256, deadlineMs: 30_000, idleMs: 60_000 }

/** A parser whose thread is started when there is something to read, and ended when there was nothing for idleMs. */
export function createParser(options: ParserOptions): Parser {
  const quarantine = createQuarantine(options.now)
  const room = new Room(options)
  return {
    run: async <Name extends TaskName>(
      name: Name,
      input: Input<Name>,
      { isLittle, identity, refuse }: Call,
    ): Promise<Output<Name>> => {
      if (isLittle) return await runInline(name, input)
      const known = quarantine.isEmpty ? undefined : quarantine.reasonFor(await identity())
      if (known !== undefined) {
        options.onRefused('known')
        throw refuse(known)
      }
      const end = await room.run(name, input)
      if (end.kind === 'output') return end.output as Output<Name>
      if (end.kind === 'failure') throw errorOf(end.failure)
      const why = explain(end.kind, options)
      quarantine.add(await identity(), why)
      options.onRefused(end.kind)
      throw refuse(why)
    },
    close: () => room.close(),
  }
}

async function runInline<Name extends TaskName>(
  name: Name,
  input: Input<Name>,
): Promise<Output<Name>> {
  const run = tasks[name] as (input: Input<Name>) => Output<Name> | Promise<Output<Name>>
  return await run(input)
}

// The same words every time: what is refused again must not look like news.
function explain(reason: 'memory' | 'time', { heapMb, deadlineMs }: Limits): string {
  const limit = reason === 'memory' ? `${heapMb} MB of memory` : `${deadlineMs / 1_000} s`
  return `reading it takes more than ${limit}; it is not read again until it changes`
}

function errorOf({ message, code, stack }: Failure): Error {
  if (code !== undefined) return new ReconcileError(code as ErrorCode, message)
  return Object.assign(new Error(message), stack === undefined ? {} : { stack })
}
