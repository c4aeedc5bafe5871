import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RetryPolicy, retryDelayMs } from './retry-delay.ts'

const exponential: RetryPolicy = { strategy: 'exponential', delaysSecs: [] }
const linear: RetryPolicy = { strategy: 'linear', delaysSecs: [] }
const fixed: RetryPolicy = { strategy: 'fixed', delaysSecs: [] }
const custom: RetryPolicy = { strategy: 'custom', delaysSecs: [1, 30, 604_800] }

const anyPolicy: fc.Arbitrary<RetryPolicy> = fc.record({
  strategy: fc.constantFrom('exponential', 'linear', 'fixed', 'custom'),
  delaysSecs: fc.array(fc.integer({ min: 1, max: 604_800 }), { minLength: 1, maxLength: 100 }),
})
const attempt = fc.integer({ min: 1, max: 100 })
const chance = fc.double({ min: 0, max: 1, noNaN: true })

describe('without jitter', () => {
  test.each([
    ['exponential', exponential, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600]],
    ['linear', linear, [1, 2, 3, 4, 5]],
    ['fixed', fixed, [1, 1, 1]],
    ['custom', custom, [1, 30, 604_800, 604_800, 604_800]],
  ])('%s waits as its row says', (_, policy, secs) => {
    const delays = secs.map((_sec, index) => retryDelayMs(policy, index + 1, 0.7, { jitter: 0 }))
    expect(delays).toEqual(secs.map((sec) => sec * 1_000))
  })

  test('linear stops growing at an hour', () => {
    expect(retryDelayMs(linear, 3_600, 0.5, { jitter: 0 })).toBe(3_600_000)
    expect(retryDelayMs(linear, 4_000, 0.5, { jitter: 0 })).toBe(3_600_000)
  })

  test('a custom policy without a list, which no save lets through, waits the shortest delay', () => {
    expect(retryDelayMs({ strategy: 'custom', delaysSecs: [] }, 3, 0.5)).toBe(1_000)
  })
})

describe('jitter', () => {
  test('moves the delay by a fifth at most, down at chance 0 and up at chance 1', () => {
    expect(retryDelayMs(exponential, 4, 0)).toBe(6_400)
    expect(retryDelayMs(exponential, 4, 0.5)).toBe(8_000)
    expect(retryDelayMs(exponential, 4, 1)).toBe(9_600)
  })

  test('stays within its part of the raw delay, and never below a second', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        attempt,
        chance,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (policy, n, luck, jitter) => {
          const raw = retryDelayMs(policy, n, luck, { jitter: 0 })
          const delay = retryDelayMs(policy, n, luck, { jitter })
          expect(delay).toBeGreaterThanOrEqual(Math.max(1_000, Math.floor(raw * (1 - jitter))))
          expect(delay).toBeLessThanOrEqual(Math.max(1_000, Math.ceil(raw * (1 + jitter))))
        },
      ),
      { seed: 1 },
    )
  })

  test('gives whole milliseconds', () => {
    fc.assert(
      fc.property(anyPolicy, attempt, chance, (policy, n, luck) => {
        expect(Number.isSafeInteger(retryDelayMs(policy, n, luck))).toBe(true)
      }),
      { seed: 2 },
    )
  })
})

describe('Retry-After', () => {
  test('is waited for when it is longer, and is no reason to come sooner', () => {
    expect(retryDelayMs(fixed, 1, 0.5, { retryAfterMs: 30_000 })).toBe(30_000)
    expect(retryDelayMs(exponential, 10, 0.5, { retryAfterMs: 30_000 })).toBe(512_000)
  })

  test('is not moved by jitter', () => {
    expect(retryDelayMs(fixed, 1, 0, { retryAfterMs: 30_000 })).toBe(30_000)
    expect(retryDelayMs(fixed, 1, 1, { retryAfterMs: 30_000 })).toBe(30_000)
  })

  test('counts for an hour at most', () => {
    for (const retryAfterMs of [3_600_001, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      expect(retryDelayMs(fixed, 1, 0.5, { retryAfterMs })).toBe(3_600_000)
    }
  })

  test('is ignored when it is no time', () => {
    for (const retryAfterMs of [0, -5, Number.NaN]) {
      expect(retryDelayMs(fixed, 1, 0.5, { retryAfterMs })).toBe(1_000)
    }
  })

  test('never shortens a delay', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        attempt,
        chance,
        fc.nat({ max: 10_000_000 }),
        (policy, n, luck, retryAfterMs) => {
          const without = retryDelayMs(policy, n, luck)
          expect(retryDelayMs(policy, n, luck, { retryAfterMs })).toBe(
            Math.max(without, Math.min(retryAfterMs, 3_600_000)),
          )
        },
      ),
      { seed: 3 },
    )
  })
})
