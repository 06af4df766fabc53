import { helmContract } from '../contracts/helm.ts'

helmContract(4)
