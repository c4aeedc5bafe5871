import { afterEach, describe, expect, test, vi } from 'vitest'
import { isUuid, isVersionId, newUuidv7, newVersionId, uuidv7Time } from './ids.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('newUuidv7', () => {
  test('mints ids of version 7 and the RFC variant', () => {
    expect(newUuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('each id is greater than the one before, many in one millisecond included', () => {
    const ids = Array.from({ length: 50_000 }, () => newUuidv7())
    const falls = ids.filter((id, index) => index > 0 && id <= (ids[index - 1] ?? ''))
    expect(falls).toEqual([])
    expect(new Set(ids.map((id) => uuidv7Time(id).getTime())).size).toBeLessThan(ids.length)
  })

  test('ids go on growing when the clock steps back', () => {
    const before = newUuidv7()
    vi.useFakeTimers({ toFake: ['Date'], now: uuidv7Time(before).getTime() - 3_600_000 })
    const after = newUuidv7()
    expect(after > before).toBe(true)
  })

  test('carries the time of its minting', () => {
    const future = uuidv7Time(newUuidv7()).getTime() + 5_000
    vi.useFakeTimers({ toFake: ['Date'], now: future })
    expect(uuidv7Time(newUuidv7())).toEqual(new Date(future))
  })
})

describe('uuidv7Time', () => {
  test('reads the first 48 bits as milliseconds', () => {
    // The example of RFC 9562, appendix A.6.
    expect(uuidv7Time('017F22E2-79B0-7CC3-98C4-DC0C0C07398F')).toEqual(new Date('2022-02-22T19:22:22.000Z'))
    expect(uuidv7Time('ffffffff-ffff-7fff-bfff-ffffffffffff').getTime()).toBe(2 ** 48 - 1)
  })

  test.each(['', 'x', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '017f22e2-79b0-7cc3-f8c4-dc0c0c07398f'])(
    'refuses %j, which is no UUIDv7',
    (text) => {
      expect(() => uuidv7Time(text)).toThrow(RangeError)
    },
  )
})

describe('isUuid', () => {
  test.each(['017f22e2-79b0-7cc3-98c4-dc0c0c07398f', '00000000-0000-0000-0000-000000000000'])(
    '%s is one',
    (id) => {
      expect(isUuid(id)).toBe(true)
      expect(isUuid(id.toUpperCase())).toBe(true)
    },
  )

  test.each([
    '',
    '017f22e279b07cc398c4dc0c0c07398f',
    '{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398g',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
    'daily-report',
  ])('%j is none', (text) => {
    expect(isUuid(text)).toBe(false)
  })
})

describe('newVersionId', () => {
  test('is ver_ and ten of 0-9a-z, never the same', () => {
    const ids = Array.from({ length: 5_000 }, newVersionId)
    expect(ids.filter((id) => !isVersionId(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('uses every character of its alphabet', () => {
    const tails = Array.from({ length: 2_000 }, () => newVersionId().slice(4)).join('')
    expect([...new Set(tails)].sort().join('')).toBe('0123456789abcdefghijklmnopqrstuvwxyz')
  })
})
