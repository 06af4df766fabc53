// How the values of a release are put together from its sources, and which of these may be secret.
import type { JsonObject } from '../model/json.ts'
import type { ValuesReference } from '../model/release.ts'
import { mergeValues } from '../util/merge.ts'

/** Sources in their order, lowest precedence first, then the inline values over all of them. */
export function composeValues(sources: readonly JsonObject[], inline: JsonObject): JsonObject {
  return [...sources, inline].reduce((under, over) => mergeValues(under, over), {})
}

/** May what comes from there be secret? Who guards a web server also guards what is on it, for all we know. */
export function mayBeSecret({ kind }: ValuesReference): boolean {
  return kind === 'Secret' || kind === 'url'
}
