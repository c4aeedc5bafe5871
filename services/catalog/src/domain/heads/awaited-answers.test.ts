import { expect, test } from 'vitest'
import { createAwaitedAnswers } from './awaited-answers.ts'

/** Changes that are waited for by followers; answers which are done, in order. */
function waits(followers: Readonly<Record<string, readonly string[]>>) {
  const answers = createAwaitedAnswers()
  const done: string[] = []
  const forget = Object.fromEntries(
    Object.entries(followers).map(([change, ids]) => [
      change,
      answers.expect(change, ids, () => done.push(change)),
    ]),
  )
  return { ...answers, done, forget }
}

test('a change is done when the last of its followers has answered, once', () => {
  const { heard, done } = waits({ x: ['a', 'b'], y: ['b'] })
  heard('x', 'a')
  heard('x', 'a')
  heard('x', 'stranger')
  heard('unknown', 'b')
  heard('__proto__', 'b')
  expect(done).toEqual([])
  heard('x', 'b')
  heard('x', 'b')
  expect(done).toEqual(['x'])
  heard('y', 'b')
  expect(done).toEqual(['x', 'y'])
})

test('a change that nobody follows is done at once', () => {
  expect(waits({ x: [] }).done).toEqual(['x'])
})

test('who leaves is waited for no more, by any change', () => {
  const { heard, left, done } = waits({ x: ['a', 'b'], y: ['a'], z: ['b'] })
  left('a')
  left('a')
  expect(done).toEqual(['y'])
  heard('x', 'b')
  expect(done).toEqual(['y', 'x'])
})

test('a change that is waited for no longer is never done', () => {
  const { heard, left, forget, done } = waits({ x: ['a'] })
  forget.x?.()
  heard('x', 'a')
  left('a')
  expect(done).toEqual([])
})
