// Which fields of a pod does the API server fill in, in a pod of its own and in a workload's template?
import { preset, presetAll, structAt, structsIn, type Draft } from './draft.ts'

/** Fills in a pod's spec. */
export function defaultPodSpec(spec: Draft): void {
  presetAll(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  })
  // The older name of the same field is kept in step with it.
  preset(spec, 'serviceAccountName', spec['serviceAccount'])
  if (spec['serviceAccountName'] === undefined) delete spec['serviceAccountName']
  else spec['serviceAccount'] = spec['serviceAccountName']
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    for (const container of structsIn(spec, list)) defaultContainer(container)
  for (const volume of structsIn(spec, 'volumes')) defaultVolume(volume)
}

/** Fills in what only a pod of its own gets, not a template: requests from limits, and what admission adds. */
export function defaultPod(spec: Draft): void {
  preset(spec, 'serviceAccountName', 'default')
  defaultPodSpec(spec)
  presetAll(spec, {
    enableServiceLinks: true,
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
  })
  for (const list of ['initContainers', 'containers'])
    for (const container of structsIn(spec, list)) {
      requestLimits(container)
      if (spec['hostNetwork'] === true)
        for (const port of structsIn(container, 'ports'))
          preset(port, 'hostPort', port['containerPort'])
    }
  tolerateLostNodes(spec)
}

function requestLimits(container: Draft): void {
  const limits = structAt(container, 'resources', 'limits')
  const resources = structAt(container, 'resources')
  if (limits === undefined || resources === undefined) return
  resources['requests'] = { ...limits, ...structAt(resources, 'requests') }
}

function tolerateLostNodes(spec: Draft): void {
  const tolerations = structsIn(spec, 'tolerations')
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const isTolerated = tolerations.some(
      (one) =>
        (one['key'] ?? key) === key &&
        ['NoExecute', '', undefined].includes(one['effect'] as string),
    )
    if (!isTolerated)
      tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  }
  spec['tolerations'] = tolerations
}

function defaultContainer(container: Draft): void {
  presetAll(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isLatest(String(container['image'] ?? '')) ? 'Always' : 'IfNotPresent',
    resources: {},
  })
  for (const port of structsIn(container, 'ports')) preset(port, 'protocol', 'TCP')
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = structAt(container, name)
    if (probe === undefined) continue
    defaultHandler(probe)
    presetAll(probe, {
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    })
  }
  for (const hook of ['postStart', 'preStop']) {
    const handler = structAt(container, 'lifecycle', hook)
    if (handler) defaultHandler(handler)
  }
  for (const variable of structsIn(container, 'env'))
    defaultFieldRef(structAt(variable, 'valueFrom'))
}

function isLatest(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1)
  if (name.includes('@')) return false
  const tag = name.split(':')[1]
  return image !== '' && (tag === undefined || tag === 'latest')
}

function defaultHandler(handler: Draft): void {
  const request = structAt(handler, 'httpGet')
  if (request) presetAll(request, { path: '/', scheme: 'HTTP' })
  const grpc = structAt(handler, 'grpc')
  if (grpc) preset(grpc, 'service', '')
}

function defaultFieldRef(source: Draft | undefined): void {
  const reference = structAt(source ?? {}, 'fieldRef')
  if (reference) preset(reference, 'apiVersion', 'v1')
  const resource = structAt(source ?? {}, 'resourceFieldRef')
  if (resource) preset(resource, 'divisor', '0')
}

// rw-r--r--
const fileMode = 0o644

function defaultVolume(volume: Draft): void {
  if (Object.keys(volume).length === 1) volume['emptyDir'] = {}
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const files = structAt(volume, source)
    if (files) preset(files, 'defaultMode', fileMode)
  }
  const hostPath = structAt(volume, 'hostPath')
  if (hostPath) preset(hostPath, 'type', '')
  for (const item of structsIn(structAt(volume, 'downwardAPI'), 'items')) defaultFieldRef(item)
  for (const source of structsIn(structAt(volume, 'projected'), 'sources')) {
    const token = structAt(source, 'serviceAccountToken')
    if (token) preset(token, 'expirationSeconds', 3600)
    for (const item of structsIn(structAt(source, 'downwardAPI'), 'items')) defaultFieldRef(item)
  }
  const claim = structAt(volume, 'ephemeral', 'volumeClaimTemplate', 'spec')
  if (claim) preset(claim, 'volumeMode', 'Filesystem')
  const image = structAt(volume, 'image')
  const pull = isLatest(String(image?.['reference'] ?? '')) ? 'Always' : 'IfNotPresent'
  if (image) preset(image, 'pullPolicy', pull)
}
