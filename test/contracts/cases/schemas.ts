// Contract: what the schema of a custom kind does: pruning, defaults, validation and its words.
import * as assert from 'uvu/assert'
import { withWidgets } from '../widgets.ts'
import { at, textAt, type Case } from '../scope.ts'

export const schemaCases: Case[] = [
  {
    title: 'unknown fields are pruned, except where they are preserved',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        const spec = { size: 1, colour: 'red', values: { any: { thing: [1, 'x', null] } } }
        const made = await scope.post(widgets(), { ...widget('a', spec), extra: true })
        assert.is(at(made, 'extra'), undefined)
        assert.is(at(made, 'spec/colour'), undefined)
        assert.equal(at(made, 'spec/values'), { any: { thing: [1, 'x', null] } })
      })
    },
  },
  {
    title: 'unknown fields are refused when the client is strict',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        const body = widget('a', { size: 1, colour: 'red' })
        const status = await scope.refused(400, 'POST', `${widgets()}?fieldValidation=Strict`, {
          body,
        })
        assert.is(
          at(status, 'message'),
          'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.colour"',
        )
      })
    },
  },
  {
    title: 'defaults are set on create, on update and within what is given',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        const made = await scope.post(widgets(), widget('a', { size: 1, parts: [{ name: 'p' }] }))
        assert.is(at(made, 'spec/mode'), 'fast')
        assert.equal(at(made, 'spec/parts'), [{ name: 'p', count: 1 }])
        assert.is(at(made, 'spec/nested'), undefined)
        const nested = await scope.patch(widgets('a'), 'merge', {
          spec: { mode: null, nested: {} },
        })
        assert.is(at(nested, 'spec/mode'), 'fast')
        assert.equal(at(nested, 'spec/nested'), { on: true })
      })
    },
  },
  {
    title: 'every rule of the schema is kept, and said as a cause',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        for (const [spec, reason, message] of [
          [{}, 'FieldValueRequired', 'spec.size: Required value'],
          [
            { size: 'big' },
            'FieldValueTypeInvalid',
            'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
          ],
          [
            { size: 0 },
            'FieldValueInvalid',
            'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
          ],
          [
            { size: 11 },
            'FieldValueInvalid',
            'spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
          ],
          [
            { size: 1, mode: 'odd' },
            'FieldValueNotSupported',
            'spec.mode: Unsupported value: "odd": supported values: "fast", "slow"',
          ],
          [
            { size: 1, code: 'A1' },
            'FieldValueInvalid',
            `spec.code: Invalid value: "A1": spec.code in body should match '^[a-z]+$'`,
          ],
          [
            { size: 1, code: 'abcdef' },
            'FieldValueTooLong',
            'spec.code: Too long: may not be more than 5 bytes',
          ],
          [{ size: 1, parts: [{}] }, 'FieldValueRequired', 'spec.parts[0].name: Required value'],
          [
            { size: 1, parts: [{ name: 'a' }, { name: 'a' }] },
            'FieldValueDuplicate',
            'spec.parts[1]: Duplicate value: {"name":"a"}',
          ],
          [
            { size: 1, when: 'soon' },
            'FieldValueTypeInvalid',
            'spec.when: Invalid value: "soon": spec.when in body must be of type date-time: "soon"',
          ],
        ] as const) {
          const status = await scope.refused(422, 'POST', widgets(), { body: widget('a', spec) })
          assert.is(at(status, 'reason'), 'Invalid')
          assert.is(textAt(status, 'message').replace(/^Widget\.\S+ "a" is invalid: /, ''), message)
          assert.is(at(status, 'details/causes/0/reason'), reason, message)
        }
      })
    },
  },
  {
    title: 'int-or-string takes both, nullable takes null, and nothing else does',
    async run(scope) {
      await withWidgets(scope, async ({ widgets, widget }) => {
        const made = await scope.post(widgets(), widget('a', { size: 1, port: 'http', note: null }))
        assert.is(at(made, 'spec/port'), 'http')
        assert.is(at(made, 'spec/note'), null)
        await scope.post(widgets(), widget('b', { size: 1, port: 80 }))
        await scope.refused(422, 'POST', widgets(), { body: widget('c', { size: 1, port: true }) })
        await scope.refused(422, 'POST', widgets(), { body: widget('c', { size: 1, code: 5 }) })
      })
    },
  },
]
