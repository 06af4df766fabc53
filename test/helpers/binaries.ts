// The real programs that tests drive: the carried ones first, because they are the same on every machine.
import process from 'node:process'
import { findHelms, findKubectl, unpackBinary } from '../../lib/edge/binaries.ts'
import { createRunner } from '../../lib/edge/exec.ts'

export type TestBinaries = { kubectl: string; helm3: string; helm4: string }

let found: Promise<TestBinaries> | undefined

/** Absolute paths of kubectl, Helm 3 and Helm 4; looked for once a test run. */
export function testBinaries(): Promise<TestBinaries> {
  found ??= look()
  return found
}

async function look(): Promise<TestBinaries> {
  const path = process.env.PATH
  const run = createRunner({ env: process.env })
  const helm = async (major: 3 | 4): Promise<string> =>
    (await unpackBinary('helm', major)) ??
    (await findHelms({ path, majors: [major], run }))[0]!.path
  const kubectl = (await unpackBinary('kubectl', 4)) ?? (await findKubectl({ path }))
  return { kubectl, helm3: await helm(3), helm4: await helm(4) }
}
