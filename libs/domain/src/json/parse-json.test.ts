import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkJsonText } from '../json-text.ts'
import { parseJson } from './parse-json.ts'

/** A value as text whose keys went through no parser: members in order, and every number told from every other. */
function said(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(said).join()}]`
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  return saidOf(Object.entries(value).map(([key, member]) => [key, said(member)]))
}

function saidOf(members: readonly (readonly [key: string, said: string])[]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${member}`).join()}}`
}

/** The model: what is written, and beside it what it says, put together without reading anything. */
type Written = { readonly text: string; readonly says: string }

const characters: readonly (readonly [text: string, says: string])[] = [
  ...['a', 'b', 'n', 'u', '/', ' ', '1', ':', '{', ',', 'é', '😀', '\ud800'].map(
    (each) => [each, each] as const,
  ),
  ...[...'"\\/\b\f\n\r\t'].map((each, at) => [`\\${'"\\/bfnrt'[at]}`, each] as const),
  ...['a', '"', '\\', '\n', 'é', '\u0000', '\ud800'].map(
    (each) => [`\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`, each] as const,
  ),
  ['\\uD83D\\uDE00', '😀'],
]
const names = ['', '0', '12', '01', '__proto__', 'constructor', '\\u005f_proto__', '\\u0031'] as const

const word = fc.array(fc.constantFrom(...characters), { maxLength: 3 }).map(
  (parts): Written => ({
    text: `"${parts.map(([text]) => text).join('')}"`,
    says: parts.map(([, says]) => says).join(''),
  }),
)
const key = fc.oneof(
  { arbitrary: word, weight: 3 },
  fc
    .constantFrom(...names)
    .map(
      (name): Written => ({ text: `"${name}"`, says: name.replace('\\u005f', '_').replace('\\u0031', '1') }),
    ),
)
const space = fc.constantFrom('', '', ' ', '\r\n\t')
const bare = fc.constantFrom('0', '-0', '1.50', '-2E+2', '9007199254740993', '1e400', '5e-324')
const json: fc.Arbitrary<Written> = fc.letrec<{ any: Written }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    word.map(({ text, says }) => ({ text, says: JSON.stringify(says) })),
    bare.map((text) => ({ text, says: said(Number(text)) })),
    fc.constantFrom('true', 'false', 'null').map((text) => ({ text, says: text })),
    fc.tuple(space, fc.array(tie('any'), { maxLength: 3 })).map(([gap, elements]) => ({
      text: `[${gap}${elements.map(({ text }) => text).join(`${gap},${gap}`)}${gap}]`,
      says: `[${elements.map(({ says }) => says).join()}]`,
    })),
    fc.tuple(space, fc.array(fc.tuple(key, tie('any')), { maxLength: 4 })).map(([gap, members]) => ({
      text: `${gap}{${gap}${members.map(([name, { text }]) => `${name.text}${gap}:${gap}${text}`).join(`,${gap}`)}${gap}}${gap}`,
      says: saidOf([...new Map(members.map(([name, { says }]) => [name.says, says]))]),
    })),
  ),
})).any

test('any JSON says what its writer meant, text after text', () => {
  fc.assert(
    fc.property(json, ({ text, says }) => {
      expect(said(parseJson(text)), text).toBe(says)
    }),
    { seed: 1, numRuns: 5_000 },
  )
})

// What an engine learns from one text it holds against the next, so each is read again and again.
test.each([
  [String.raw`[{"\"":1},{"\\":2}]`, [['"'], ['\\']]],
  [String.raw`[{"\\":1},{"\"":2}]`, [['\\'], ['"']]],
  [
    String.raw`[{"a":1,"\n":1},{"a":1,"\\":1},{"a":1,"\t":1}]`,
    [
      ['a', '\n'],
      ['a', '\\'],
      ['a', '\t'],
    ],
  ],
  [String.raw`[{"ab\\":1},{"ab\r":2},{"\u0061b\f":3}]`, [['ab\\'], ['ab\r'], ['ab\f']]],
  [
    String.raw`[{"\"":1,"\\":2},{"\\":1,"\"":2}]`,
    [
      ['"', '\\'],
      ['\\', '"'],
    ],
  ],
])('%s has the keys that it shows', (text, keys) => {
  for (let time = 0; time < 3; time += 1) {
    expect((parseJson(text) as object[]).map((each) => Object.keys(each))).toEqual(keys)
  }
})

describe('with an escaped key', () => {
  const read = (member: string) => parseJson(String.raw`{"\"":0,${member}}`) as Record<string, unknown>

  test('__proto__ is a property like any other', () => {
    for (const name of ['__proto__', '\\u005f_proto__']) {
      const value = read(`"${name}":{"bad":true}`)
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(Object.getOwnPropertyDescriptor(value, '__proto__')).toEqual({
        value: { bad: true },
        writable: true,
        enumerable: true,
        configurable: true,
      })
      expect(value.bad).toBeUndefined()
    }
  })

  test('the last of two equal keys wins, in the place of the first', () => {
    expect(Object.entries(read(String.raw`"a":1,"b":2,"\u0061":3,"__proto__":4,"__proto__":5`))).toEqual([
      ['"', 0],
      ['a', 3],
      ['b', 2],
      ['__proto__', 5],
    ])
  })

  test.each([
    ['-0', -0],
    ['1e400', Number.POSITIVE_INFINITY],
    ['9007199254740993', 9007199254740992],
    ['1.0E+2', 100],
  ])('%s is the number that it is everywhere', (text, value) => {
    expect(read(`"n":${text}`).n).toBe(value)
  })

  test('no depth exhausts the stack', () => {
    const depth = 100_000
    let value = parseJson(`${String.raw`{"\"":[`.repeat(depth)}7${']}'.repeat(depth)}`)
    for (let level = 0; level < depth; level += 1) value = (value as Record<string, unknown[]>)['"']?.[0]
    expect(value).toBe(7)
  })

  test.each([
    '',
    ',',
    '"a"',
    '"a":',
    '"a":1,',
    '"a":1 2',
    '"a":"1"2',
    '"a":1]',
    '"a":[1}',
    '"a":[1,]',
    '"a":[,1]',
    '"a":{,}',
    '"a":{"b":1,}',
    '"a":tru',
    '"a":truefalse',
    '"a":01',
    '"a":.5',
    '"a":-',
    '"a":NaN',
    '"a":\u00a01',
    '"a":"\n"',
    '"\n":1',
    '"\\x":1',
    '"\\u12g4":1',
    '"a',
    '"a\\',
    '"a":"b',
    '"a":"b\\"',
    'a:1',
    '1:1',
    '"a":1}}',
    '"a":1},{"b":1',
    '"a":1}1,{',
  ])('%j is refused with a SyntaxError', (member) => {
    expect(() => read(member)).toThrow(SyntaxError)
  })
})

test('near JSON is read exactly when it is JSON', () => {
  const damage = fc.record({
    at: fc.nat({ max: 40 }),
    gone: fc.nat({ max: 2 }),
    put: fc.constantFrom(...'{}[]:,"\\ue0.-+E1 \n\u0000\u00a0', ''),
  })
  fc.assert(
    fc.property(json, fc.boolean(), damage, (written, escaped, { at, gone, put }) => {
      const damaged = written.text.slice(0, at) + put + written.text.slice(at + gone)
      const text = escaped ? String.raw`[{"\n":${damaged}}]` : damaged
      const checked = checkJsonText(text, { maxBytes: Number.POSITIVE_INFINITY })
      // The check ends at its first fault, and these two are none of JSON's grammar: what comes behind them is unknown.
      fc.pre(checked.ok || checked.reason === 'INVALID_JSON')
      if (checked.ok) expect(() => parseJson(text), text).not.toThrow()
      else expect(() => parseJson(text), text).toThrow(SyntaxError)
    }),
    { seed: 2, numRuns: 3_000 },
  )
})

describe.each([
  ['escapes in values', `["${'\\"'.repeat(500_000)}"]`],
  ['strings with an escape', `[${'"\\n",'.repeat(200_000)}1]`],
  ['escaped keys', `[${'{"\\n":1},'.repeat(100_000)}1]`],
  ['backslashes without an end', `"${'\\'.repeat(1_000_001)}`],
  ['quotes outside strings', `[${'\\"'.repeat(500_000)}`],
])('a megabyte of %s', (_, text) => {
  test('takes no longer than its length allows', { timeout: 1_000 }, () => {
    try {
      expect(parseJson(text)).toBeDefined()
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(SyntaxError)
    }
  })
})
