// What a cluster has before anybody installs anything, besides its namespaces: a node and a storage class.
import type { Obj } from '../types.ts'
import { kubernetesVersion } from '../version.ts'
import { nodeIP, nodeName } from './pod.ts'
import { stamp, writeStatus, type World } from './world.ts'

/** Makes the node and the default storage class unless they exist. */
export function layGround(world: World): void {
  const node = ensure(world, 'nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName,
      labels: {
        'kubernetes.io/hostname': nodeName,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node-role.kubernetes.io/control-plane': '',
      },
    },
    spec: { podCIDR: '10.244.0.0/16', podCIDRs: ['10.244.0.0/16'], providerID: 'sandbox://node' },
  })
  if (node) writeStatus(world, 'nodes', node, nodeStatus(world))
  ensure(world, 'storageclasses.storage.k8s.io', {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'standard',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'sandbox.local/none',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  })
}

// Answers it if it had to be made.
function ensure(world: World, resource: string, wanted: Obj): Obj | undefined {
  const found = world.api.get(resource, undefined, wanted.metadata.name)
  return found ? undefined : world.api.create(resource, wanted)
}

function nodeStatus(world: World): object {
  const resources = { cpu: '8', memory: '32Gi', pods: '1000', 'ephemeral-storage': '100Gi' }
  const time = { lastHeartbeatTime: stamp(world), lastTransitionTime: stamp(world) }
  const conditions = [
    [
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
  ].map(([type, status, reason, message]) => ({ type, status, reason, message, ...time }))
  return {
    capacity: resources,
    allocatable: resources,
    conditions,
    addresses: [
      { type: 'InternalIP', address: nodeIP },
      { type: 'Hostname', address: nodeName },
    ],
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'Sandbox (nothing runs here)',
      kernelVersion: '6.1.0',
      containerRuntimeVersion: 'sandbox://1',
      kubeletVersion: kubernetesVersion,
      kubeProxyVersion: '',
      machineID: nodeName,
      systemUUID: nodeName,
      bootID: nodeName,
    },
  }
}
