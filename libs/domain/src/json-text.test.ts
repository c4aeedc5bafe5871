import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from './json/parse-json.ts'
import { checkJsonText, type JsonTextCheck } from './json-text.ts'

const check = (text: string, limits: { maxBytes?: number; maxDepth?: number } = {}): JsonTextCheck =>
  checkJsonText(text, { maxBytes: 1_000, ...limits })

describe('accepted', () => {
  test.each([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1.5e+10',
    '1E400',
    '9007199254740993',
    '""',
    '"é😀\u2028\u007f"',
    '"\\u00e9\\ud83d\\ude00\\n\\/\\\\\\""',
    '"\\ud800"',
    '[]',
    '{}',
    ' \t\r\n[ 1 , { "a" : [ ] } ] \n',
    '{"a":1,"A":2,"":3,"a ":4}',
    '{"__proto__":1,"constructor":2,"toString":3}',
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":1}}}',
    '{"1":1,"01":2,"1.0":3}',
  ])('%s', (text) => {
    expect(check(text)).toEqual({ ok: true, bytes: Buffer.byteLength(text) })
  })
})

describe('refused as no JSON', () => {
  test.each([
    '',
    ' ',
    'nul',
    'nulll',
    'True',
    'undefined',
    'NaN',
    'Infinity',
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1e',
    '1e+',
    '0x1',
    '1_000',
    '١',
    "'a'",
    '"',
    '"a',
    '"\\x"',
    '"\\u12g4"',
    '"\\u12"',
    '"\\',
    '"\n"',
    '"\u0000"',
    '"\u001f"',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[',
    ']',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,"a":1}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{1:1}',
    '1 2',
    '{} []',
    '// c\n1',
    '\ufeff1',
    '\u00a01',
  ])('%j', (text) => {
    expect(check(text)).toMatchObject({ ok: false, reason: 'INVALID_JSON' })
  })
})

describe('duplicate keys', () => {
  test.each([
    ['{"a":1,"a":1}', '/a'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"é":1,"\\u00e9":2}', '/é'],
    ['{"\\n":1,"\\u000a":2}', '/\n'],
    ['{"":1,"":2}', '/'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['{"a":[0,{"b/c~":1,"b/c~":2}]}', '/a/1/b~1c~0'],
    ['{"\\ud800":1,"\\uD800":2}', '/\ud800'],
  ])('%s are refused where they are', (text, path) => {
    expect(check(text)).toMatchObject({ ok: false, reason: 'DUPLICATE_KEY', path })
  })

  test('are found among many keys, wherever the first one was', () => {
    for (const twin of [0, 7, 8, 9, 4_999]) {
      const keys = [...Array.from({ length: 5_000 }, (_, n) => `k${n}`), `k${twin}`]
      const text = `{${keys.map((key) => `"${key}":1`).join(',')}}`
      expect(check(text, { maxBytes: 100_000 })).toMatchObject({ reason: 'DUPLICATE_KEY', path: `/k${twin}` })
    }
  })
})

describe('limits', () => {
  test('bytes are those of UTF-8, up to and including the limit', () => {
    expect(check('"éé"', { maxBytes: 6 })).toEqual({ ok: true, bytes: 6 })
    expect(check('"éé"', { maxBytes: 5 })).toMatchObject({ ok: false, reason: 'TOO_LARGE' })
    expect(check('"aaaa"', { maxBytes: 5 })).toMatchObject({ ok: false, reason: 'TOO_LARGE' })
  })

  test('depth counts containers inside each other, 64 unless told', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(check(nested(64)).ok).toBe(true)
    expect(check(nested(65))).toMatchObject({ ok: false, reason: 'TOO_DEEP' })
    expect(check('{"a":{"b":1}}', { maxDepth: 2 }).ok).toBe(true)
    expect(check('{"a":{"b":[]}}', { maxDepth: 2 })).toMatchObject({ reason: 'TOO_DEEP', path: '/a/b' })
    expect(check('1', { maxDepth: 0 }).ok).toBe(true)
    expect(check(`[${'[],'.repeat(100)}[]]`, { maxDepth: 2 }).ok).toBe(true)
  })

  test('no depth that is asked for can exhaust the stack', () => {
    const text = '{"a":'.repeat(100_000)
    expect(check(text, { maxBytes: 1_000_000, maxDepth: 1_000_000 })).toMatchObject({ reason: 'TOO_DEEP' })
  })

  test('half of a surrogate pair is refused when it is written raw, in values and in keys', () => {
    for (const text of [
      '"\ud800"',
      '"\udc00"',
      '"\ud800\ud800\udc00"',
      '"\udc00\ud800"',
      '{"\ud83d":1}',
      '"\ud83d',
    ]) {
      expect(check(text)).toMatchObject({ ok: false, reason: 'LONE_SURROGATE' })
    }
  })

  test('a refusal stays short, whatever the payload', () => {
    const deep = `${`{"${'k'.repeat(300)}":`.repeat(60)}x`
    const refused = check(deep, { maxBytes: 100_000 })
    expect(JSON.stringify(refused).length).toBeLessThan(500)
  })
})

describe('any text', () => {
  const lone = /[\ud800-\udfff]/u

  test('of JSON, with any white space, is accepted', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat({ max: 3 }), (compact, indent) => {
        const text = JSON.stringify(JSON.parse(compact), undefined, indent)
        expect(check(text, { maxBytes: 100_000 })).toEqual({ ok: true, bytes: Buffer.byteLength(text) })
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('near JSON is JSON exactly when JSON.parse says so', () => {
    const damage = fc.record({
      at: fc.nat({ max: 60 }),
      gone: fc.nat({ max: 2 }),
      put: fc.oneof(
        fc.constantFrom(...'{}[]:,"\\ue0.-+E1 \n\u0000'),
        fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      ),
    })
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), damage, (json, { at, gone, put }) => {
        const text = json.slice(0, at) + put + json.slice(at + gone)
        const checked = check(text, { maxBytes: 100_000 })
        const expected = parses(text)
        if (checked.ok) expect(expected).toBe(true)
        else if (checked.reason === 'INVALID_JSON') expect(expected).toBe(false)
        else if (checked.reason === 'LONE_SURROGATE') expect(text).toMatch(lone)
        else expect(checked.reason).toBe('DUPLICATE_KEY')
      }),
      { seed: 2, numRuns: 1_200 },
    )
  })

  test('keys are duplicates exactly when a parser would lose one', () => {
    const key = fc.constantFrom(
      'a',
      'b',
      'c',
      'd',
      '\\u0061',
      '\\u0062',
      '__proto__',
      '1',
      '"'.replace('"', '\\"'),
    )
    fc.assert(
      fc.property(fc.array(key, { maxLength: 12 }), (keys) => {
        const text = `{${keys.map((name) => `"${name}":0`).join(',')}}`
        expect(check(text).ok).toBe(Object.keys(parseJson(text) as object).length === keys.length)
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

// Keys that are numbers are where an engine's hashing is weakest.
describe.each([
  ['numbers as keys', `{${Array.from({ length: 60_000 }, (_, n) => `"${n * 1_024}":1`).join(',')}}`],
  ['escapes', `"${'\\u0041'.repeat(150_000)}"`],
  ['elements', `[${'1,'.repeat(400_000)}1]`],
  ['digits', '7'.repeat(800_000)],
])('a megabyte of %s', (_, text) => {
  test('takes no longer than its length allows', { timeout: 500 }, () => {
    expect(checkJsonText(text, { maxBytes: 2_000_000 }).ok).toBe(true)
  })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
