import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('work of one key is done one after the other, in the order in which it came, whatever comes of it', async () => {
  const turns = createTurns()
  const said: string[] = []
  const work = (name: string, fails = false) =>
    turns('a', async (waited) => {
      said.push(`${name} begins${waited ? ' after another' : ''}`)
      await Promise.resolve()
      said.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const outcomes = await Promise.allSettled([work('one'), work('two', true), work('three')])
  expect(outcomes.map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([
    'one',
    'failed',
    'three',
  ])
  expect(said).toEqual([
    'one begins',
    'one ends',
    'two begins after another',
    'two ends',
    'three begins after another',
    'three ends',
  ])
  // The line is forgotten: nobody is before whoever comes now.
  await work('four')
  expect(said.at(-2)).toBe('four begins')
})

test('work of another key waits for nobody', async () => {
  const turns = createTurns()
  const { promise: never } = Promise.withResolvers<void>()
  void turns('a', () => never)
  expect(await turns('b', async (waited) => waited)).toBe(false)
})
