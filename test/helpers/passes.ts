// How often has a running operator looked at a release?
import { openDoor } from './door.ts'
import type { RunningOperator } from './operator.ts'
import { until } from './until.ts'

export type Passes = {
  // Over the release "<namespace>-<name>", since the operator was started; the namespace is "default" unless it is named.
  over(name: string, namespace?: string): Promise<number>
  // Waits for so many more to end.
  more(name: string, count: number, namespace?: string): Promise<void>
  // Does something and waits for a pass that ends after it was begun.
  after(act: () => Promise<unknown>, name: string, namespace?: string): Promise<void>
}

// A pass may be due only at the next of the operator's intervals.
const patienceMs = 45_000

/** Counts the passes of the operator that was started last; after: its log before that. */
export async function countPasses({ log }: RunningOperator, after = ''): Promise<Passes> {
  const door = await openDoor(log, after)
  const over = async (name: string, namespace = 'default'): Promise<number> => {
    const samples = [...(await door.samples())]
    const ofSync = samples.filter(
      ([sample]) =>
        sample.startsWith('flux_helm_operator_release_duration_seconds_count') &&
        sample.includes(`release_name="${namespace}-${name}"`),
    )
    return ofSync.reduce((sum, [, count]) => sum + count, 0)
  }
  const reach = async (count: number, name: string, namespace?: string): Promise<void> => {
    const isThere = async (): Promise<boolean> => (await over(name, namespace)) >= count
    await until(`${count} passes over ${name}`, isThere, patienceMs)
  }
  return {
    over,
    more: async (name, count, namespace) =>
      await reach((await over(name, namespace)) + count, name, namespace),
    after: async (act, name, namespace) => {
      const before = await over(name, namespace)
      await act()
      await reach(before + 1, name, namespace)
    },
  }
}
