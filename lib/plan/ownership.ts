// Whose release is it? The antecedent annotation on its live objects says so.

/**
 * The id of a foreign owner among the annotations found on a release's objects, in manifest order; undefined when there is
 * none. Objects without the annotation are neutral: a release that nobody claims is taken over.
 */
export function foreignOwner(
  ownId: string,
  found: readonly (string | undefined)[],
): string | undefined {
  return found.find((id) => id !== undefined && id !== '' && id !== ownId)
}
