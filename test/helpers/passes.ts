// How often has a running operator looked at a release?
import { openDoor } from './door.ts'
import type { RunningOperator } from './operator.ts'
import { until } from './until.ts'

export type Passes = {
  // Over the release "default-<name>", since the operator was started.
  over(name: string): Promise<number>
  // Waits for so many more.
  more(name: string, count: number): Promise<void>
}

/** Counts the passes of the operator that was started last; after: its log before that. */
export async function countPasses({ log }: RunningOperator, after = ''): Promise<Passes> {
  const door = await openDoor(log, after)
  const over = async (name: string): Promise<number> => {
    const samples = [...(await door.samples())]
    const ofSync = samples.filter(
      ([sample]) =>
        sample.startsWith('flux_helm_operator_release_duration_seconds_count') &&
        sample.includes(`release_name="default-${name}"`),
    )
    return ofSync.reduce((sum, [, count]) => sum + count, 0)
  }
  return {
    over,
    more: async (name, count) => {
      const before = await over(name)
      await until(
        `${count} more passes over ${name}`,
        async () => (await over(name)) >= before + count,
      )
    },
  }
}
