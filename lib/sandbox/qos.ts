// How well is a pod served? Guaranteed, Burstable or BestEffort, by what its containers ask for.

type Container = {
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
}

export function qosClass(containers: readonly Container[]): string {
  const wants = containers.map(({ resources = {} }) => resources)
  if (wants.every(({ requests, limits }) => !requests && !limits)) return 'BestEffort'
  const full = wants.every(({ requests, limits }) =>
    ['cpu', 'memory'].every(
      (key) => limits?.[key] && (requests?.[key] ?? limits[key]) === limits[key],
    ),
  )
  return full ? 'Guaranteed' : 'Burstable'
}
