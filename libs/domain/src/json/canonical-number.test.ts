import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalNumber } from './canonical-number.ts'

describe('canonicalNumber', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.000e-99', '0'],
    ['0e99999999999999999999', '0'],
    ['1', '1'],
    ['1.0', '1'],
    ['1e0', '1'],
    ['10e-1', '1'],
    ['0.1E+1', '1'],
    ['-12.50', '-12.5'],
    ['100', '100'],
    ['1e2', '100'],
    ['1.5e-3', '0.0015'],
    ['9007199254740993', '9007199254740993'],
    ['9007199254740993.0', '9007199254740993'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['1e20', `1${'0'.repeat(20)}`],
    [`1${'0'.repeat(20)}`, `1${'0'.repeat(20)}`],
    ['1e21', '1e21'],
    [`1${'0'.repeat(21)}`, '1e21'],
    ['12e21', '12e21'],
    ['1e-21', `0.${'0'.repeat(20)}1`],
    ['1e-22', '1e-22'],
    ['1e400', '1e400'],
    ['1e999999999999999', '1e999999999999999'],
    ['10e999999999999998', '1e999999999999999'],
    ['1E+0000000000000000000005', '100000'],
  ])('%s is %s', (source, canonical) => {
    expect(canonicalNumber(source)).toBe(canonical)
  })

  test('exponents beyond all measure stay short, and keep their sign', () => {
    const exponent = '9'.repeat(1_000)
    expect(canonicalNumber(`1e${exponent}`)).toBe(`1e${exponent}`)
    expect(canonicalNumber(`1.0e+${exponent}`)).toBe(`1e${exponent}`)
    expect(canonicalNumber(`-1e-${exponent}`)).toBe(`-1e-${exponent}`)
  })

  test('all spellings of one decimal are one, and others are others', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 40n })
    const shift = fc.integer({ min: -60, max: 60 })
    fc.assert(
      fc.property(digits, shift, fc.nat({ max: 45 }), (value, exponent, places) => {
        const text = value.toString().padStart(places + 1, '0')
        const split = text.length - places
        const moved = `${text.slice(0, split)}${places > 0 ? `.${text.slice(split)}` : ''}e${exponent + places}`
        const canonical = canonicalNumber(`${value}e${exponent}`)
        expect(canonicalNumber(moved)).toBe(canonical)
        expect(canonicalNumber(canonical)).toBe(canonical)
        expect(canonicalNumber(`${value + 1n}e${exponent}`)).not.toBe(canonical)
      }),
      { seed: 1, numRuns: 500 },
    )
  })

  test('a double reads back as itself', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(canonicalNumber(JSON.stringify(value)))).toBe(value + 0)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('what is no number is refused', () => {
    for (const source of ['', '-', 'NaN', '1.', '.5', '0x1']) {
      expect(() => canonicalNumber(source)).toThrow(SyntaxError)
    }
  })
})
