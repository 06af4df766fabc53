// Contract: rules in CEL in the schemas of custom kinds, and what becomes of objects when a schema becomes stricter.
import * as assert from 'uvu/assert'
import { until } from '../../helpers/until.ts'
import { at, textAt, type Case, type Scope } from '../scope.ts'
import { schemaOf, withWidgets, type Widgets } from '../widgets.ts'

const text = { type: 'string', maxLength: 50 }
const whole = { type: 'integer' }

function ruled(rules: object[], properties: object): object {
  return { type: 'object', properties, 'x-kubernetes-validations': rules }
}

function withSchema(
  title: string,
  spec: object,
  run: (scope: Scope, widgets: Widgets & { refusal: Refusal }) => Promise<void>,
): Case {
  return {
    title,
    run: (scope) =>
      withWidgets(
        scope,
        (widgets) => {
          const refusal: Refusal = async (body) => {
            const path = widgets.widgets()
            const status = await scope.refused(422, 'POST', path, {
              body: widgets.widget('x', body),
            })
            return textAt(status, 'message').replace(/^Widget\S* "x" is invalid: /, '')
          }
          return run(scope, { ...widgets, refusal })
        },
        { spec },
      ),
  }
}

type Refusal = (spec: object) => Promise<string>

const chart = ruled(
  [
    {
      rule: '(has(self.chart) && !has(self.ref)) || (!has(self.chart) && has(self.ref))',
      message: 'either chart or ref must be set',
    },
    {
      rule: "!has(self.account) || (has(self.provider) && self.provider == 'azure')",
      reason: 'FieldValueForbidden',
      fieldPath: '.account',
      message: 'only azure has accounts',
    },
    {
      rule: "!has(self.name) || self.name.matches('^[[:lower:]]+$')",
      messageExpression: "'wrong name: ' + self.name",
    },
    { rule: '!has(self.size) || self.size < 10' },
    {
      rule: '!has(self.parts) || self.parts.all(p, p.count > 0 && p.name.startsWith("p"))',
      message: 'wrong part',
    },
    {
      rule: '!has(self.parts) || self.parts[1].count < 9',
      message: 'the second part is too large',
    },
  ],
  {
    chart: text,
    ref: text,
    account: text,
    provider: text,
    name: text,
    size: whole,
    parts: {
      type: 'array',
      maxItems: 5,
      items: {
        type: 'object',
        required: ['name', 'count'],
        properties: { name: text, count: whole },
      },
    },
  },
)

const past = ruled([], {
  fixed: {
    ...text,
    'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }],
  },
  grows: {
    ...whole,
    'x-kubernetes-validations': [
      {
        rule: '!oldSelf.hasValue() || self > oldSelf.value()',
        optionalOldSelf: true,
        message: 'must grow',
      },
    ],
  },
  parts: {
    type: 'array',
    maxItems: 5,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      required: ['name'],
      properties: {
        name: text,
        count: {
          ...whole,
          'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'must not shrink' }],
        },
      },
    },
  },
})

const extended = ruled(
  [
    {
      rule: "!has(self.amount) || quantity(self.amount).isLessThan(quantity('1Gi'))",
      message: 'too much',
    },
    {
      rule: "!has(self.ip) || (isIP(self.ip) && cidr('10.0.0.0/8').containsIP(self.ip))",
      message: 'no private address',
    },
    {
      rule: "!has(self.url) || (isURL(self.url) && url(self.url).getScheme() == 'https')",
      message: 'no https',
    },
    {
      rule: "!has(self.words) || (self.words.isSorted() && self.words.indexOf('b') == 1)",
      message: 'not in order',
    },
    { rule: "!has(self.text) || self.text.find('[0-9]+') == '12'", message: 'no twelve' },
    {
      rule: '!has(self.label) || !format.dns1123Label().validate(self.label).hasValue()',
      message: 'no label',
    },
    {
      rule: "!has(self.words) || self.words.all(i, w, w != '' && i < 3)",
      message: 'too many words',
    },
    { rule: "self.?text.orValue('none') != 'other'", message: 'another' },
    { rule: "!has(self.text) || '%s-%d'.format([self.text, 1]).size() < 10", message: 'too long' },
  ],
  {
    amount: text,
    ip: text,
    url: text,
    words: { type: 'array', maxItems: 10, items: text },
    text,
    label: { type: 'string', maxLength: 70 },
  },
)

const loose = { type: 'object', properties: { code: text, size: whole, note: text } }
const tight = ruled([{ rule: '!has(self.size) || self.size < 10', message: 'size is too large' }], {
  code: { ...text, pattern: '^[[:alpha:]]+$' },
  size: { ...whole, maximum: 15 },
  note: text,
})

async function tighten(
  { get, put, client }: Scope,
  { crdPath, widgets, widget }: Widgets,
): Promise<void> {
  const crd = (await get(crdPath)) as { spec: { versions: object[] } }
  const versions = crd.spec.versions.map((one) => ({
    ...one,
    schema: { openAPIV3Schema: schemaOf(tight) },
  }))
  await put(crdPath, { ...crd, spec: { ...crd.spec, versions } })
  // A real server takes a moment.
  await until('the new schema to be used', async () => {
    const body = widget('probe', { code: '1' })
    return (await client.request('POST', `${widgets()}?dryRun=All`, { body })).status === 422
  })
}

export const validationCases: Case[] = [
  withSchema(
    'rules of a schema are kept, with their messages, reasons and places',
    chart,
    async ({ post }, one) => {
      const { refusal, widgets, widget } = one
      assert.is(await refusal({}), 'spec: Invalid value: either chart or ref must be set')
      assert.is(
        await refusal({ chart: 'a', ref: 'b' }),
        'spec: Invalid value: either chart or ref must be set',
      )
      assert.is(
        await refusal({ chart: 'a', account: 'b' }),
        'spec.account: Forbidden: only azure has accounts',
      )
      assert.is(await refusal({ chart: 'a', name: 'B' }), 'spec: Invalid value: wrong name: B')
      assert.is(
        await refusal({ chart: 'a', size: 12 }),
        'spec: Invalid value: failed rule: !has(self.size) || self.size < 10',
      )
      const parts = [
        { name: 'p', count: 1 },
        { name: 'q', count: 2 },
      ]
      assert.is(await refusal({ chart: 'a', parts }), 'spec: Invalid value: wrong part')
      await post(
        widgets(),
        widget('good', { chart: 'a', account: 'b', provider: 'azure', name: 'n', size: 1 }),
      )
    },
  ),
  withSchema('a rule that cannot be evaluated is Invalid', chart, async (_, { refusal }) => {
    const says = await refusal({ chart: 'a', parts: [{ name: 'p', count: 1 }] })
    assert.match(
      says,
      /^spec: Invalid value: "object": index out of bounds: 1 evaluating rule: the second part is too large$/,
    )
  }),
  withSchema('of what has the wrong type, rules are not asked', chart, async (_, { refusal }) => {
    assert.is(
      await refusal({ size: 'x' }),
      '[spec.size: Invalid value: "string": spec.size in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
    )
  }),
  withSchema(
    'rules compare with the past',
    past,
    async ({ post, patch, refused }, { widgets, widget }) => {
      const one = widgets('a')
      const parts = [{ name: 'x', count: 3 }]
      await post(widgets(), widget('a', { fixed: 'f', grows: 1, parts }))
      const refusal = async (spec: object): Promise<string> => {
        const contentType = 'application/merge-patch+json'
        const status = await refused(422, 'PATCH', one, { body: { spec }, contentType })
        return textAt(status, 'message').replace(/^Widget\S* "a" is invalid: /, '')
      }
      assert.is(
        await refusal({ fixed: 'g', grows: 2 }),
        'spec.fixed: Invalid value: "g": fixed is immutable',
      )
      assert.is(
        await refusal({ grows: 1, fixed: 'f' }).catch(() => 'accepted'),
        'spec.grows: Invalid value: 1: must grow',
      )
      await patch(one, 'merge', { spec: { grows: 2 } })
      const moved = [
        { name: 'y', count: 1 },
        { name: 'x', count: 2 },
      ]
      assert.is(
        await refusal({ grows: 3, parts: moved }),
        'spec.parts[1].count: Invalid value: 2: must not shrink',
      )
      await patch(one, 'merge', {
        spec: { grows: 4, fixed: null, parts: [{ name: 'x', count: 4 }] },
      })
      await patch(one, 'merge', { spec: { grows: 5, fixed: 'another' } })
    },
  ),
  withSchema(
    'rules use the functions that Kubernetes adds to CEL',
    extended,
    async ({ post }, one) => {
      const { refusal, widgets, widget } = one
      for (const [spec, message] of [
        [{ amount: '2Gi' }, 'too much'],
        [{ ip: '192.168.0.1' }, 'no private address'],
        [{ ip: 'x' }, 'no private address'],
        [{ url: 'http://a.b' }, 'no https'],
        [{ words: ['b', 'a'] }, 'not in order'],
        [{ words: ['a', 'b', 'c', 'd'] }, 'too many words'],
        [{ text: 'a 1' }, 'no twelve'],
        [{ label: 'A_' }, 'no label'],
        [{ text: 'another 12' }, 'too long'],
      ] as const)
        assert.is(await refusal(spec), `spec: Invalid value: ${message}`)
      const good = {
        amount: '500Mi',
        ip: '10.1.2.3',
        url: 'https://a.b',
        words: ['a', 'b'],
        text: 'a 12',
        label: 'a',
      }
      await post(widgets(), widget('good', good))
    },
  ),
  withSchema(
    'a schema that becomes stricter leaves alone what has not changed',
    loose,
    async (scope, one) => {
      const { post, patch, refused } = scope
      const { widgets, widget } = one
      const path = widgets('old')
      await post(widgets(), widget('old', { code: 'a1', size: 20 }))
      await tighten(scope, one)
      await patch(path, 'merge', { metadata: { labels: { a: 'b' } } })
      await patch(`${path}/status`, 'merge', { status: { phase: 'Ready' } })
      const changed = await patch(path, 'merge', { spec: { note: 'n' } }).catch(
        (error: Error) => error,
      )
      // The rule is about the whole spec, which has changed.
      assert.match(String(changed), 'size is too large')
      await patch(path, 'merge', { spec: { note: 'n', size: 5 } })
      const contentType = 'application/merge-patch+json'
      const status = await refused(422, 'PATCH', path, {
        body: { spec: { code: 'a2' } },
        contentType,
      })
      assert.match(textAt(status, 'message'), "spec.code in body should match '^[[:alpha:]]+$'")
      await patch(path, 'merge', { spec: { code: 'abc' } })
    },
  ),
  ...(
    [
      ['names no field', 'self.nope == 1', "undefined field 'nope'"],
      [
        'compares what cannot be compared',
        "self.size == 'x'",
        "no matching overload for '_==_' applied to '(int, string)'",
      ],
      ['asks for a field that cannot be there', 'has(self.nope)', "undefined field 'nope'"],
      ['names nobody', 'other == 1', "undeclared reference to 'other'"],
      ['is no expression', 'self.size +', 'compilation failed'],
      ['answers no yes or no', 'self.size', 'cel expression must evaluate to a bool'],
      ['is empty', '', 'rule is not specified'],
    ] as const
  ).map(([what, rule, says]): Case => ({
    title: `a CustomResourceDefinition with a rule that ${what} is Invalid`,
    async run(scope) {
      const plural = 'bads'
      const group = `${scope.namespace}.example.test`
      const spec = ruled([{ rule }], { size: whole })
      const body = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `${plural}.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural, kind: 'Bad' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: { openAPIV3Schema: schemaOf(spec) },
            },
          ],
        },
      }
      const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
      const status = await scope.refused(422, 'POST', crds, { body })
      assert.is(
        at(status, 'details/causes/0/field'),
        'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule',
      )
      assert.match(textAt(status, 'message'), says)
    },
  })),
  {
    title: 'kind and scope of a CustomResourceDefinition that is served cannot change',
    run: (scope) =>
      withWidgets(scope, async ({ crdPath }) => {
        const contentType = 'application/merge-patch+json'
        for (const [spec, says] of [
          [
            { names: { kind: 'Other', listKind: 'OtherList' } },
            'spec.names.kind: Invalid value: "Other": field is immutable',
          ],
          [{ scope: 'Cluster' }, 'spec.scope: Invalid value: "Cluster": field is immutable'],
        ] as const) {
          const status = await scope.refused(422, 'PATCH', crdPath, { body: { spec }, contentType })
          assert.match(textAt(status, 'message'), says)
        }
      }),
  },
]
