// What helm says when it cannot uninstall.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { removalCauses } from '../../lib/helm/causes.ts'
import { explainFailure, type FailedCall } from '../../lib/helm/failure.ts'
import { CommandError } from '../../lib/model/errors.ts'

const test = suite('explainFailure() of an uninstall')

const uninstall: FailedCall = {
  verb: 'uninstall',
  object: 'release "api"',
  code: 'UninstallFailed',
  causes: removalCauses,
  timeoutMs: 4_000,
  secrets: [],
}

for (const [situation, stderr, sentence] of [
  [
    'fails before anything is deleted, in Helm 3',
    'Error: 1 error occurred:\n\t* job bye failed: BackoffLimitExceeded\n\n\n',
    'its delete hook failed: job "bye" failed (BackoffLimitExceeded)',
  ],
  [
    'fails before anything is deleted, in Helm 4',
    'Error: resource Job/shop/bye not ready. status: Failed, message: Job Failed. failed: 1/1\n',
    'its delete hook failed: Job/shop/bye (Failed: Job Failed. failed: 1/1)',
  ],
  [
    'fails when everything is deleted, in Helm 3',
    'Error: uninstallation completed with 1 error(s): 1 error occurred:\n\t* pod bye failed\n\n\n',
    'its delete hook failed: pod "bye" failed',
  ],
  [
    'takes too long',
    'Error: timed out waiting for the condition\n',
    'its delete hook did not end within 4 s',
  ],
] as const)
  test(`a hook that ${situation} is told of`, () => {
    const error = new CommandError({
      ...{ program: 'helm', args: ['uninstall'], reason: 'exit', exitCode: 1, stderr },
    })
    const { code, message } = explainFailure(error, uninstall)
    assert.is(code, 'UninstallFailed')
    const advice = 'mend the hook, or run helm uninstall --no-hooks'
    assert.is(message, `Cannot uninstall release "api": ${sentence}; ${advice}`)
  })

test.run()
