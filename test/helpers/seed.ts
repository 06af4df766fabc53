// The seed of a property test: another one each time, printed so that a failure can be had again with TEST_SEED.
import process from 'node:process'

/** Parameters for fc.assert(): how often, and from which seed. */
export function seeded(
  what: string,
  numRuns: number,
): { seed: number; numRuns: number; includeErrorInReport: boolean } {
  const given = Number(process.env.TEST_SEED)
  const seed = Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 1e9)
  process.stdout.write(`${what}: ${numRuns} runs, TEST_SEED=${seed}\n`)
  return { seed, numRuns, includeErrorInReport: true }
}
