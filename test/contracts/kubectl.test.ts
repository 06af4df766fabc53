// Runs the contract of kubectl on a sandbox over HTTP, and on the cluster of TEST_KUBECONFIG when there is one.
import process from 'node:process'
import { withSandbox } from '../helpers/sandbox.ts'
import { registerKubectlContract } from './kubectl.ts'

registerKubectlContract('the sandbox', (use) =>
  withSandbox({ workloads: {} }, ({ kubeconfig }) => use(kubeconfig)),
)

const kubeconfig = process.env['TEST_KUBECONFIG']
if (kubeconfig) registerKubectlContract('the cluster', (use) => use(kubeconfig))
