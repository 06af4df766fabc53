// The seed of a property test: another one each time unless the test has a usual one, printed so that a failure can be had again with TEST_SEED. TEST_RUNS asks
// for more or fewer runs than a test makes by itself.
import process from 'node:process'

export type Seeded = { seed: number; numRuns: number; includeErrorInReport: boolean }

/** Parameters for fc.assert(): how often, and from which seed, which is the usual one or any. */
export function seeded(what: string, runs: number, usual?: number): Seeded {
  const given = Number(process.env.TEST_SEED)
  const any = usual ?? 1 + Math.floor(Math.random() * 1e9)
  const seed = Number.isInteger(given) && given > 0 ? given : any
  const numRuns = Number(process.env.TEST_RUNS) || runs
  process.stdout.write(`${what}: ${numRuns} runs, TEST_SEED=${seed}\n`)
  return { seed, numRuns, includeErrorInReport: true }
}
