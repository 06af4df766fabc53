// The parser's thread: does one task after another and says how each ended. A task that takes too much ends the thread.
import { parentPort } from 'node:worker_threads'
import { ReconcileError } from '../../model/errors.ts'
import { tasks, type Answer, type Failure, type Request } from './tasks.ts'

parentPort?.on('message', (request: Request) => void answer(request))

async function answer({ id, name, input }: Request): Promise<void> {
  const send = (message: Answer): void => parentPort?.postMessage(message)
  try {
    const run = tasks[name] as (input: unknown) => unknown
    send({ id, output: await run(input) })
  } catch (error) {
    send({ id, failure: describe(error) })
  }
}

function describe(error: unknown): Failure {
  // The engine's words for it are "Maximum call stack size exceeded".
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return { message: 'it is nested too deeply' }
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  return { message, stack, ...(error instanceof ReconcileError ? { code: error.code } : {}) }
}
