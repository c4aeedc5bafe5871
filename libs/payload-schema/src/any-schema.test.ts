// Whatever JSON is given as a schema, and whatever as a payload: there is an answer, and never because something broke.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readValue, valueProblems } from './check-value.ts'
import { compileSchema } from './compile-schema.ts'
import { lintSchema } from './lint-schema.ts'

const words =
  `$schema $id $ref $defs $anchor $dynamicRef $dynamicAnchor type const enum pattern uniqueItems maxItems items
  prefixItems contains minContains properties patternProperties additionalProperties required dependentSchemas
  dependentRequired propertyNames allOf anyOf oneOf not if then unevaluatedItems unevaluatedProperties format default
  minimum multipleOf x-own __proto__ constructor a`.split(/\s+/)

const leaf = fc.oneof(
  fc.constantFrom(
    '#',
    '#/$defs/a',
    '#a',
    'a',
    'https://a.example/b',
    'object',
    'string',
    'date',
    '^a+$',
    '(?=a)',
    '',
  ),
  fc.constantFrom('http://json-schema.org/draft-07/schema#', 'https://json-schema.org/draft/2020-12/schema'),
  fc.boolean(),
  fc.integer({ min: -2, max: 5 }),
  fc.constant(null),
)
const schema = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...words), tie('any'), { maxKeys: 4 }),
  ),
})).any

test('any JSON is judged, and what is let through can be compiled, or says itself what is wrong with it', () => {
  let compiled = 0
  fc.assert(
    fc.property(schema, fc.jsonValue({ maxDepth: 3 }), (candidate, value) => {
      const linted = lintSchema(JSON.stringify(candidate))
      const made = linted.ok ? compileSchema(linted) : linted
      if (!made.ok) {
        expect(made.problems.length).toBeGreaterThan(0)
        return
      }
      compiled += 1
      const read = readValue(JSON.stringify(value))
      if (!('value' in read)) throw new Error('is JSON')
      for (const { path, message } of checked(made.validate, read.value)) {
        expect(path).toMatch(/^(?:\/|$)/)
        expect(message).not.toBe('')
      }
    }),
    { seed: 1, numRuns: 1_500 },
  )
  expect(compiled).toBeGreaterThan(100)
})

/** A schema may lead back to itself without end, which the thread tells by its stack. */
function checked(...question: Parameters<typeof valueProblems>): ReturnType<typeof valueProblems> {
  try {
    return valueProblems(...question)
  } catch (cause) {
    if (cause instanceof RangeError) return []
    throw cause
  }
}
