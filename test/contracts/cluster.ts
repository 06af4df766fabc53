// The contract: what a client may expect of an API server, as named cases. It holds for the sandbox and for the real thing.
import { suite } from 'uvu'
import { accessCases } from './cases/access.ts'
import { applyCases } from './cases/apply.ts'
import { configurationCases } from './cases/configurations.ts'
import { customCases } from './cases/customs.ts'
import { defaultRoleCases } from './cases/default-roles.ts'
import { deletionCases } from './cases/deletion.ts'
import { discoveryCases } from './cases/discovery.ts'
import { grantCases } from './cases/grants.ts'
import { identityCases } from './cases/identity.ts'
import { kindCases } from './cases/kinds.ts'
import { listCases } from './cases/lists.ts'
import { objectCases } from './cases/objects.ts'
import { optionCases } from './cases/options.ts'
import { patchCases } from './cases/patches.ts'
import { podCases } from './cases/pods.ts'
import { reviewCases } from './cases/reviews.ts'
import { roleCases } from './cases/roles.ts'
import { ruleCases } from './cases/rules.ts'
import { schemaCases } from './cases/schemas.ts'
import { serviceCases } from './cases/services.ts'
import { strategicCases } from './cases/strategic.ts'
import { updateCases } from './cases/updates.ts'
import { validationCases } from './cases/validations.ts'
import { watchCases } from './cases/watches.ts'
import { wireCases } from './cases/wire.ts'
import { workloadCases } from './cases/workloads.ts'
import { zeroCases } from './cases/zeros.ts'
import type { ContractClient } from './client.ts'
import { inNamespace, type Case } from './scope.ts'

const groups: [name: string, cases: readonly Case[]][] = [
  ['discovery', discoveryCases],
  ['objects', objectCases],
  ['kinds', kindCases],
  ['rules of the kinds', ruleCases],
  ['zero values', zeroCases],
  ['services', serviceCases],
  ['options', optionCases],
  ['patches', patchCases],
  ['strategic merge patches', strategicCases],
  ['apply', applyCases],
  ['configurations', configurationCases],
  ['lists', listCases],
  ['watches', watchCases],
  ['deletion', deletionCases],
  ['wire formats', wireCases],
  ['custom kinds', customCases],
  ['schemas of custom kinds', schemaCases],
  ['access', accessCases],
  ['identity', identityCases],
  ['grants', grantCases],
  ['roles', roleCases],
  ['default roles', defaultRoleCases],
  ['reviews', reviewCases],
  ['validation rules of custom kinds', validationCases],
  ['updates', updateCases],
  ['pods', podCases],
  ['workloads', workloadCases],
]

/** Registers one suite per group of cases; `connect` is called once per case. */
export function registerContract(server: string, connect: () => Promise<ContractClient>): void {
  for (const [name, cases] of groups) {
    const test = suite(`${name} of ${server}`)
    for (const one of cases) test(one.title, async () => inNamespace(await connect(), one))
    test.run()
  }
}
