import { expect, test } from 'vitest'
import { remember } from './remember.ts'

test('a value is made once and given again, undefined too', () => {
  const made: string[] = []
  const get = remember(2, (key: string) => {
    made.push(key)
    return key === 'none' ? undefined : key.toUpperCase()
  })
  expect([get('a'), get('a'), get('none'), get('none')]).toEqual(['A', 'A', undefined, undefined])
  expect(made).toEqual(['a', 'none'])
})

test('the one unused for longest makes room', () => {
  const made: string[] = []
  const get = remember(2, (key: string) => made.push(key))
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) get(key)
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})

test('a failure is not kept', () => {
  let fails = true
  const get = remember(2, (key: string) => {
    if (fails) throw new Error('not now')
    return key
  })
  expect(() => get('a')).toThrow('not now')
  fails = false
  expect(get('a')).toBe('a')
})
