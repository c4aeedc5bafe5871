import { expect, test } from 'vitest'
import { mapBounded } from './map-bounded.ts'

test('results are in the order of the items, and no more than so many are under way', async () => {
  let underWay = 0
  let most = 0
  const results = await mapBounded([5, 1, 4, 2, 3, 0], 3, async (turns) => {
    underWay += 1
    most = Math.max(most, underWay)
    for (let i = 0; i < turns; i++) await Promise.resolve()
    underWay -= 1
    return turns * 10
  })
  expect(results).toEqual([50, 10, 40, 20, 30, 0])
  expect(most).toBe(3)
})

test('with one at once each begins when the one before has ended', async () => {
  const said: string[] = []
  await mapBounded(['a', 'b'], 1, async (name) => {
    said.push(`${name} begins`)
    await Promise.resolve()
    said.push(`${name} ends`)
  })
  expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('nothing comes of nothing', async () => {
  expect(await mapBounded([], 4, async () => 1)).toEqual([])
})
