import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyMapping } from './apply-mapping.ts'
import { parseMapping } from './payload-mapping.ts'

const roots = {
  result:
    '{"user":{"id":7,"name":null},"items":[{"sku":"a"},{"sku":"b"}],"payload":{"inner":1},"0":"zero","run":5,"text":"abc", "a.b":1}',
  payload: '{"order": 9007199254740993, "price": 1.10, "list": [ ], "result": "of the payload"}',
  run: '{"id":"r1","tags":{"team":"x"}}',
}

function applied(mapping: object, over: Partial<typeof roots> = {}): string {
  const parsed = parseMapping(JSON.stringify(mapping))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const made = applyMapping(parsed.mapping, { ...roots, ...over }, 1_000_000)
  if (!made.ok) throw new Error('is too large')
  return made.payload
}

describe('a path', () => {
  test.each([
    ['the example of the page', 'result.user.id', '{"x":7}'],
    ['relative to the result', 'user.id', '{"x":7}'],
    ['a whole root', 'run', '{"x":{"id":"r1","tags":{"team":"x"}}}'],
    ['of the payload', 'payload.price', '{"x":1.10}'],
    ['of the run', 'run.tags.team', '{"x":"x"}'],
    ['a number beyond a double', 'payload.order', '{"x":9007199254740993}'],
    ['an element of a list', 'items.1.sku', '{"x":"b"}'],
    ['a whole element', 'items.0', '{"x":{"sku":"a"}}'],
    ['behind the end of a list', 'items.2.sku', '{}'],
    ['a list has no keys', 'items.length', '{}'],
    ['an index is written plainly', 'items.01', '{}'],
    ['no index below zero', 'items.-1', '{}'],
    ['an empty list has nothing', 'payload.list.0', '{}'],
    ['and is itself something', 'payload.list', '{"x":[ ]}'],
    ['digits name a key of an object', '0', '{"x":"zero"}'],
    ['a root does not fall through to a key of its name', 'payload.inner', '{}'],
    ['that key is reached through the result', 'result.payload.inner', '{"x":1}'],
    ['a root of that name inside another', 'payload.result', '{"x":"of the payload"}'],
    ['a key that only begins like a root', 'runs', '{}'],
    ['a present null', 'user.name', '{"x":null}'],
    ['through a null', 'user.name.first', '{}'],
    ['through a text', 'text.0', '{}'],
    ['a property that every text has', 'text.length', '{}'],
    ['a property that every object has', 'user.toString', '{}'],
    ['a missing key', 'user.age', '{}'],
    ['a key with a dot cannot be reached', 'a.b', '{}'],
  ])('%s: %s', (_, path, expected) => {
    expect(applied({ x: path })).toBe(expected)
  })

  test.each([
    ['null', '{}'],
    ['[1,2]', '{"x":2}'],
    ['"text"', '{}'],
    [' { "\\u0031" : "by escape" } ', '{"x":"by escape"}'],
  ])('into the result %s', (result, expected) => {
    expect(applied({ x: '1' }, { result })).toBe(expected)
  })
})

test('one mapping takes from all roots, in its own order, the same value twice too', () => {
  const mapping = { z: 'user.id', a: 'run.id', again: 'result.user', once: 'user', gone: 'nowhere' }
  expect(applied(mapping)).toBe('{"z":7,"a":"r1","again":{"id":7,"name":null},"once":{"id":7,"name":null}}')
  expect(applied({})).toBe('{}')
})

test('without a mapping the payload is the result, and {} for a result of null', () => {
  const made = (result: string) => applyMapping(undefined, { ...roots, result }, 100)
  expect(made('[1.0]')).toEqual({ ok: true, payload: '[1.0]' })
  expect(made(' null ')).toEqual({ ok: true, payload: '{}' })
})

test('a payload that would be too long is not made', () => {
  const parsed = parseMapping('{"a":"result","b":"result"}')
  if (!parsed.ok) throw new Error('was refused')
  const values = { ...roots, result: `"${'x'.repeat(50)}"` }
  expect(applyMapping(parsed.mapping, values, 115)).toMatchObject({ ok: true })
  expect(applyMapping(parsed.mapping, values, 114)).toEqual({ ok: false })
})

test('a path finds what walking the value finds', () => {
  const key = fc.constantFrom('a', 'b', '0', '1', 'result')
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.constant(null),
      fc.string(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 4 }),
    ),
  })).any
  const path = fc.array(key, { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(value, path, fc.nat(2), (result, segments, indent) => {
      let there: unknown = result
      for (const segment of segments[0] === 'result' ? segments.slice(1) : segments) {
        const isIndex = !Array.isArray(there) || /^\d+$/.test(segment)
        const has = typeof there === 'object' && there !== null && isIndex && Object.hasOwn(there, segment)
        there = has ? (there as Record<string, unknown>)[segment] : undefined
      }
      const text = applied({ x: segments.join('.') }, { result: JSON.stringify(result, undefined, indent) })
      expect(JSON.parse(text)).toEqual(there === undefined ? {} : { x: there })
    }),
    { seed: 1, numRuns: 500 },
  )
})

describe('parseMapping', () => {
  const paths = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'a']))

  test.each([
    [paths(100), paths(101), undefined],
    [{ x: Array(16).fill('a').join('.') }, { x: Array(17).fill('a').join('.') }, 'x'],
    [{ x: 'p'.repeat(256) }, { x: 'p'.repeat(257) }, 'x'],
    [{ ['n'.repeat(256)]: 'a' }, { ['n'.repeat(257)]: 'a' }, 'n'.repeat(256)],
    [{ x: 'a.b' }, { x: 'a..b' }, 'x'],
    [{ x: 'a' }, { x: '' }, 'x'],
    [{ x: 'a' }, { x: '.a' }, 'x'],
    [{ x: 'a' }, { x: 'a.' }, 'x'],
    [{ x: 'a' }, { '': 'a' }, ''],
    [{ x: 'a' }, { x: 7 }, 'x'],
    [{ x: 'a' }, { x: null }, 'x'],
    [{ x: 'a' }, { x: ['a'] }, 'x'],
    [{ x: 'proto' }, { x: 'a.__proto__' }, 'x'],
    [{ x: 'constructors' }, { x: 'constructor.prototype' }, 'x'],
    [{ prototypes: 'a' }, { prototype: 'a' }, 'prototype'],
    [{ proto: 'a' }, { ['__proto__']: 'a' }, '__proto__'],
  ])('its bounds: %#', (inside, outside, name) => {
    expect(parseMapping(JSON.stringify(inside))).toMatchObject({ ok: true })
    const parsed = parseMapping(JSON.stringify(outside))
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.name)).toEqual([name])
  })

  test.each([
    '[]',
    '"result"',
    'null',
    '{',
    '{"a":"b","a":"c"}',
    '['.repeat(10_000),
    `{"a":"${'x'.repeat(262_144)}"}`,
  ])('refuses what is no object of paths: %.20s', (text) => {
    expect(parseMapping(text)).toMatchObject({ ok: false, problems: [{ reason: expect.any(String) }] })
  })

  test('says everything that is wrong', () => {
    const parsed = parseMapping('{"a":1,"b":"x","c":"."}')
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.name)).toEqual(['a', 'c'])
  })
})
