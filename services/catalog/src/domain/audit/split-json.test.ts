import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJsonSplitter } from './split-json.ts'

function split(pieces: readonly string[]) {
  const splitter = createJsonSplitter()
  return { objects: pieces.flatMap((piece) => splitter.push(piece)), rest: splitter.rest() }
}

test('lines, line breaks inside, and nothing between', () => {
  expect(split(['{"a":1}\n{"b":\n {"c":"}{"}}{"d":"\\"}"}\n\n'])).toEqual({
    objects: ['{"a":1}', '{"b":\n {"c":"}{"}}', '{"d":"\\"}"}'],
    rest: '',
  })
})

test('what has no end is left over, and what is no object comes to whoever reads it', () => {
  expect(split(['{"a":1} {"b":'])).toEqual({ objects: ['{"a":1}'], rest: '{"b":' })
  expect(split(['hello'])).toEqual({ objects: [], rest: 'hello' })
  expect(split(['}{}'])).toEqual({ objects: ['}', '{}'], rest: '' })
})

test('however the text is cut into pieces, the objects are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.nat({ max: 9 }), (objects, size) => {
      const texts = objects.map((object) => JSON.stringify(object, null, size % 3))
      const whole = texts.join(size % 2 === 0 ? '\n' : '')
      const pieces = whole.match(new RegExp(`[^]{1,${size + 1}}`, 'g')) ?? []
      expect(split(pieces)).toEqual({ objects: texts, rest: '' })
    }),
  )
})
