import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fairShare } from './fair-share.ts'

describe('a fair share', () => {
  test('alone, everything is taken', () => {
    expect(fairShare(64, new Map([['me', 0]]), 'me')).toEqual({ claim: 64, giveUp: 0 })
  })
  test('what is above the share is given up', () => {
    expect(
      fairShare(
        64,
        new Map([
          ['me', 64],
          ['you', 0],
        ]),
        'me',
      ),
    ).toEqual({ claim: 0, giveUp: 32 })
  })
  test('a dispatcher that is not in the table yet takes its share', () => {
    expect(
      fairShare(
        64,
        new Map([
          ['you', 32],
          ['me', 0],
        ]),
        'me',
      ).claim,
    ).toBe(32)
  })
  test('an even distribution is left alone', () => {
    expect(
      fairShare(
        64,
        new Map([
          ['a', 22],
          ['b', 21],
          ['me', 21],
        ]),
        'me',
      ),
    ).toEqual({ claim: 1, giveUp: 0 })
  })

  test('from any start, everybody acting by it in any order ends with shares that differ by one at most', () => {
    const start = fc.record({
      living: fc.integer({ min: 1, max: 9 }),
      owners: fc.array(fc.integer({ min: -1, max: 8 }), { minLength: 64, maxLength: 64 }),
      order: fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
    })
    fc.assert(
      fc.property(start, ({ living, owners, order }) => {
        const names = Array.from({ length: living }, (_, i) => `d${i}`)
        const table = owners.map((owner) => (owner >= 0 && owner < living ? names[owner] : undefined))
        const counts = () =>
          new Map(names.map((name) => [name, table.filter((owner) => owner === name).length]))
        // Every turn is somebody's, in an order that differs from round to round; nobody is left out of a round.
        for (let turn = 0; turn < 40 * living; turn++) {
          const round = Math.floor(turn / living)
          const me = names[((order[round % order.length] ?? 0) + turn) % living] as string
          const move = fairShare(64, counts(), me)
          for (let n = move.giveUp; n > 0; n--) table[table.indexOf(me)] = undefined
          for (let n = move.claim; n > 0 && table.includes(undefined); n--)
            table[table.indexOf(undefined)] = me
        }
        const shares = [...counts().values()]
        expect(table.every((owner) => owner !== undefined)).toBe(true)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      }),
    )
  })
})
