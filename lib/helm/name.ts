// What Helm accepts as the name of a release.

// Kubernetes appends up to ten characters to names that are made of it, and labels end at 63.
export const longestReleaseName = 53
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** May a release be called this? Every Helm refuses what may not, and no storage holds it. */
export function isReleaseName(name: string): boolean {
  return name.length <= longestReleaseName && subdomain.test(name)
}
