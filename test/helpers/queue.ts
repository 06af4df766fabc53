// A work queue whose keys are all of one namespace, unless a test says otherwise.
import { WorkQueue, type QueueOptions } from '../../lib/loop/queue.ts'

export function workQueue(options: Pick<QueueOptions, 'clock'> & Partial<QueueOptions>): WorkQueue {
  return new WorkQueue({
    ...{ backoff: () => 0, groupOf: () => 'shop', mostOfGroup: Infinity, mostUngranted: Infinity },
    ...options,
  })
}
