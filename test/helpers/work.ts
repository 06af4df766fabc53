// How much work a function does: how often each block of code is entered while it runs, as V8 counts it for coverage. Counts do not
// depend on the machine. They are taken in a thread of its own, where all code is compiled for being counted.
import { startThread } from '../../lib/edge/parser/thread.ts'

const entry = new URL('./work-thread.ts', import.meta.url)

/** For each subject of work-thread.ts by its name, the counts for inputs of these sizes. */
export async function countWork(sizes: readonly number[]): Promise<Record<string, number[]>> {
  const thread = startThread(entry, {})
  // Else it would not keep the test alive.
  thread.ref()
  try {
    return await new Promise((resolve, reject) => {
      thread.on('message', resolve)
      thread.on('error', reject)
      thread.postMessage(sizes)
    })
  } finally {
    await thread.terminate()
  }
}
