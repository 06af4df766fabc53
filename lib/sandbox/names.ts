// How a group and version are written together.

/** "v1" in the core group, else "apps/v1": an object's apiVersion. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`
}
