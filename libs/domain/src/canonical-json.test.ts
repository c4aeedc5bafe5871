import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import { parseJson } from './json/parse-json.ts'

describe('canonicalJson', () => {
  test.each([
    ['null', 'null'],
    [' true ', 'true'],
    ['false', 'false'],
    ['{ }', '{}'],
    ['[ ]', '[]'],
    ['[1, 2 ,[3]]', '[1,2,[3]]'],
    ['{"b":1,"a":{"d":[],"c":null}}', '{"a":{"c":null,"d":[]},"b":1}'],
    ['{"10":1,"9":2,"a":3,"A":4,"":5}', '{"":5,"10":1,"9":2,"A":4,"a":3}'],
    ['{"a!":1,"a":2}', '{"a":2,"a!":1}'],
    ['{"__proto__":{"b":1},"\\u0061":2}', '{"__proto__":{"b":1},"a":2}'],
    ['"\\u00e9\\/\\ud83d\\ude00"', '"é/😀"'],
    ['"\\u0022\\u005c\\u000a\\u0001\\ud800"', '"\\"\\\\\\n\\u0001\\ud800"'],
    ['{"n":1.0,"m":-0.0}', '{"m":0,"n":1}'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalJson(text)).toBe(canonical)
  })

  test.each(['', '{', '{"a":1,"a":2}', '"\ud800"', '1 2', '['.repeat(100_000)])('throws for %j', (text) => {
    expect(() => canonicalJson(text.slice(0, 5_000))).toThrow(SyntaxError)
  })

  test('is the same for every order of keys and every white space', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat({ max: 4 }), (value, indent) => {
        const compact = canonicalJson(JSON.stringify(value))
        expect(canonicalJson(JSON.stringify(reversed(value), undefined, indent))).toBe(compact)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('is JSON of the same value, and its own canonical text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value)
        const canonical = canonicalJson(text)
        expect(parseJson(canonical)).toEqual(
          parseJson(text.replaceAll('-0', '0') === text ? text : canonical),
        )
        expect(canonicalJson(canonical)).toBe(canonical)
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  test('differs when a value differs', () => {
    const pairs = [
      ['9007199254740993', '9007199254740992'],
      ['0.1', '0.10000000000000000001'],
      ['1', '"1"'],
      ['[]', '{}'],
      ['[1,2]', '[2,1]'],
      ['null', '{}'],
      ['{"a":null}', '{}'],
    ] as const
    for (const [one, other] of pairs) expect(canonicalJson(one)).not.toBe(canonicalJson(other))
  })
})

// The same value with the keys of its objects in another order, as far as JavaScript lets them be ordered.
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}
