import { expect, test } from 'vitest'
import { graceProblem } from './check-grace.ts'

test('an old secret may work on for no time up to 30 days', () => {
  for (const secs of [0, 1, 86_400, 2_592_000]) expect(graceProblem(secs)).toBeUndefined()
  for (const secs of [-1, 2_592_001, 2 ** 31 - 1, -(2 ** 31)])
    expect(graceProblem(secs)).toBe(`must be 0 to 2592000, not ${secs}`)
})
