import { expect, test } from 'vitest'
import { sameValue } from './same-value.ts'

const bare = (entries: object) => Object.assign(Object.create(null), entries)
const proto = (value: unknown) => JSON.parse(`{"__proto__": ${JSON.stringify(value)}}`) as object

test.each<[unknown, unknown]>([
  [undefined, undefined],
  ['a', 'a'],
  [[], []],
  [
    [1, 2],
    [1, 2],
  ],
  [
    { a: '1', b: '2' },
    { b: '2', a: '1' },
  ],
  [{ a: '1' }, bare({ a: '1' })],
  [proto('x'), proto('x')],
  [[{ name: 'a', max: 1 }], [{ max: 1, name: 'a' }]],
])('%j is %j', (a, b) => {
  expect(sameValue(a, b)).toBe(true)
  expect(sameValue(b, a)).toBe(true)
})

test.each<[unknown, unknown]>([
  [undefined, null],
  [undefined, ''],
  [0, false],
  [1, '1'],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, 1]],
  [[], {}],
  [{}, undefined],
  [{ a: '1' }, { a: '2' }],
  [{ a: '1' }, { b: '1' }],
  [{ a: undefined }, { b: undefined }],
  [proto('x'), proto('y')],
  [proto('x'), {}],
  [{ constructor: 'x' }, { other: 'x' }],
])('%j is not %j', (a, b) => {
  expect(sameValue(a, b)).toBe(false)
  expect(sameValue(b, a)).toBe(false)
})
