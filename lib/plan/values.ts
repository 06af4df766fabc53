// How the values of a release are put together from its sources.
import type { JsonObject } from '../model/json.ts'
import { mergeValues } from '../util/merge.ts'

/** Sources in their order, lowest precedence first, then the inline values over all of them. */
export function composeValues(sources: readonly JsonObject[], inline: JsonObject): JsonObject {
  return [...sources, inline].reduce((under, over) => mergeValues(under, over), {})
}
