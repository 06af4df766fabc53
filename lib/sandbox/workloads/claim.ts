// Provisions a volume for each claim, and takes it away with the claim.
import type { Obj } from '../types.ts'
import { tell } from './events.ts'
import { unlessGone, writeStatus, type Controller, type World } from './world.ts'

type Claim = Obj & {
  spec: {
    accessModes?: string[]
    storageClassName?: string
    volumeName?: string
    volumeMode?: string
    resources?: { requests?: { storage?: string } }
  }
  status?: { phase?: string }
}

const component = 'persistentvolume-controller'
const defaultKey = 'storageclass.kubernetes.io/is-default-class'

export const claims: Controller = {
  resource: 'persistentvolumeclaims',
  reconcile(world, object) {
    const claim = object as Claim
    if (claim.metadata.deletionTimestamp !== undefined || claim.status?.phase === 'Bound')
      return undefined
    const storageClass = claim.spec.storageClassName ?? defaultClass(world)
    const known =
      storageClass && world.api.get('storageclasses.storage.k8s.io', undefined, storageClass)
    if (known) bind(world, claim, storageClass)
    else wait(world, claim, storageClass)
    return undefined
  },
  gone(world, { metadata }) {
    unlessGone(() => world.api.delete('persistentvolumes', undefined, volumeName(metadata.uid)))
  },
}

function defaultClass(world: World): string | undefined {
  return world.api
    .list('storageclasses.storage.k8s.io')
    .find(({ metadata }) => metadata.annotations?.[defaultKey] === 'true')?.metadata.name
}

function wait(world: World, claim: Claim, storageClass: string | undefined): void {
  writeStatus(world, 'persistentvolumeclaims', claim, { phase: 'Pending' })
  const [type, reason, message] = storageClass
    ? ([
        'Warning',
        'ProvisioningFailed',
        `storageclass.storage.k8s.io "${storageClass}" not found`,
      ] as const)
    : ([
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      ] as const)
  tell(world, claim, { type, reason, message, component })
}

function bind(world: World, claim: Claim, storageClassName: string): void {
  const { metadata, spec } = claim
  const name = volumeName(metadata.uid)
  const capacity = { storage: spec.resources?.requests?.storage ?? '1Gi' }
  const { accessModes = ['ReadWriteOnce'], volumeMode = 'Filesystem' } = spec
  const { namespace = '', uid = '' } = metadata
  unlessGone(() => {
    world.api.create('persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': 'sandbox' } },
      spec: {
        accessModes,
        capacity,
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace,
          name: metadata.name,
          uid,
        },
        hostPath: { path: `/var/local/${name}`, type: 'DirectoryOrCreate' },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName,
        volumeMode,
      },
    })
  })
  const volume = world.api.get('persistentvolumes', undefined, name)
  if (volume) writeStatus(world, 'persistentvolumes', volume, { phase: 'Bound' })
  const annotations = {
    ...metadata.annotations,
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  }
  const bound = world.api.update('persistentvolumeclaims', {
    ...claim,
    metadata: { ...metadata, annotations },
    spec: { ...spec, storageClassName, volumeName: name },
  })
  writeStatus(world, 'persistentvolumeclaims', bound, { phase: 'Bound', accessModes, capacity })
  const message = `Successfully provisioned volume ${name}`
  tell(world, claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message, component })
}

function volumeName(uid: string | undefined): string {
  return `pvc-${uid}`
}
