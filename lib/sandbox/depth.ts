// How deep an object may be nested. A real server takes 10,000 levels, but what walks through objects here calls itself, and the
// call stack must not end inside of it.
import { explainExtent } from '../util/extent.ts'

/** Levels of objects and lists, the outermost included. */
export const maxDepth = 1_000

/** Why a JSON value is too deep, as in "the body of the request …"; undefined when it is not. */
export function explainDepth(value: unknown): string | undefined {
  return explainExtent(value, { maxDepth, maxNodes: Infinity })
}
