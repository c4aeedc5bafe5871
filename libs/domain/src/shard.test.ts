import { describe, expect, test } from 'vitest'
import { newUuidv7 } from './ids.ts'
import { SHARDS, shardOf } from './shard.ts'

describe('shardOf', () => {
  // Computed apart from this code. A change here would send the live runs of a job to two owners.
  test.each([
    ['00000000-0000-7000-8000-000000000000', 25],
    ['01936f5e-2b1c-7a3d-9e4f-5a6b7c8d9e0f', 36],
    ['01936f5e-2b1c-7a3d-9e4f-5a6b7c8d9e10', 54],
    ['ffffffff-ffff-7fff-bfff-ffffffffffff', 38],
    ['0190a5d2-7f00-7abc-8def-0123456789ab', 55],
    ['018f3c2a-9d41-7c55-8a10-b2c3d4e5f607', 23],
  ])('%s is in shard %i, today and for ever', (id, shard) => {
    expect(shardOf(id)).toBe(shard)
  })

  test('the case of an id makes no difference', () => {
    const id = '018f3c2a-9d41-7c55-8a10-b2c3d4e5f607'
    expect(shardOf(id.toUpperCase())).toBe(shardOf(id))
  })

  test('ids made in one go spread evenly over all shards', () => {
    const counts = new Array<number>(SHARDS).fill(0)
    const each = 500
    for (let i = 0; i < SHARDS * each; i += 1) counts[shardOf(newUuidv7())]! += 1
    // Chi-squared with 63 degrees of freedom: an even spread is above 150 once in a hundred million times.
    const chiSquared = counts.reduce((sum, count) => sum + (count - each) ** 2 / each, 0)
    expect(chiSquared).toBeLessThan(150)
  })

  test('ids that differ in their last digits only spread too', () => {
    const ids = Array.from(
      { length: 4_096 },
      (_, n) => `018f3c2a-9d41-7c55-8a10-b2c3d4e5f${n.toString(16).padStart(3, '0')}`,
    )
    const shards = new Set(ids.map(shardOf))
    expect(shards.size).toBe(SHARDS)
  })
})
