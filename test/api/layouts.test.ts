// What people and their image automation write into values is what Helm gets.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { codecs } from '../../lib/api/codec.ts'
import { encodeValues } from '../../lib/helm/values.ts'
import type { JsonObject, KubeObject } from '../../lib/model/json.ts'
import { composeValues } from '../../lib/plan/values.ts'
import { parseYaml } from '../../lib/util/yaml.ts'
import { layouts } from '../helpers/layouts.ts'

const test = suite('image layouts')

for (const { group, version } of codecs)
  for (const { title, annotations, values, edit } of layouts)
    test(`${group}: ${title}`, () => {
      const codec = codecs.find((one) => one.group === group)!
      for (const text of [values, values.replaceAll(...edit)]) {
        const written = parse(text) as JsonObject
        const object: KubeObject = {
          ...{ apiVersion: `${group}/${version}`, kind: 'HelmRelease' },
          metadata: { name: 'web', namespace: 'default', ...(annotations ? { annotations } : {}) },
          spec: {
            chart: { repository: 'http://x', name: 'web', version: '1.0.0' },
            values: written,
          },
        }
        const before = JSON.stringify(object)
        const desired = codec.decode(object)
        const given = encodeValues(composeValues([], desired.values.inline))
        assert.equal(JSON.parse(given), written)
        // As Helm reads it.
        assert.equal(parseYaml(given), written)
        assert.equal(desired.annotations, annotations ?? {})
        assert.is(JSON.stringify(object), before)
      }
    })

test.run()
