import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonElements, jsonMembers } from './json-parts.ts'

test('the values of an object come as they stand, whatever is in them', () => {
  const text = ' {"a" : 1.0 , "b":{"c": [1e400, "}\\"]"]},"\\u0061\\n":"x" ,"__proto__": null }\n'
  expect([...(jsonMembers(text) ?? [])]).toEqual([
    ['a', '1.0'],
    ['b', '{"c": [1e400, "}\\"]"]}'],
    ['a\n', '"x"'],
    ['__proto__', 'null'],
  ])
})

test('the values of an array come as they stand', () => {
  expect(jsonElements(' [ 1.0, [ ] ,{"a":[1,2]}, "," ] ')).toEqual(['1.0', '[ ]', '{"a":[1,2]}', '","'])
})

test('an empty object has no members, an empty array no elements', () => {
  expect(jsonMembers('{ }')?.size).toBe(0)
  expect(jsonElements('[ ]')).toEqual([])
})

test('what is no strict JSON of the kind asked for is undefined', () => {
  for (const text of ['', '[]', 'null', '{', '{"a":1}x', '{"a":1,"a":2}', '{a:1}', '"{}"'])
    expect(jsonMembers(text), text).toBeUndefined()
  for (const text of ['', '{}', '[1,]', '[1]]', '1']) expect(jsonElements(text), text).toBeUndefined()
})

test('whatever the value, its pieces are the texts of its pieces', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), (object, array) => {
      const texts = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value))
      expect([...(jsonMembers(JSON.stringify(object)) ?? [])]).toEqual(
        Object.entries(object).map(([key, value]) => [key, JSON.stringify(value)]),
      )
      expect(
        jsonElements(JSON.stringify(array, null, 2))?.map((text) => JSON.stringify(JSON.parse(text))),
      ).toEqual(texts(array))
    }),
  )
})
