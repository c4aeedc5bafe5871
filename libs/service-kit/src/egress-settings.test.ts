import { expect, test } from 'vitest'
import { allowedAddresses, egressSettings } from './egress-settings.ts'
import { readSettings } from './settings.ts'

const read = (env: Record<string, string>) => {
  const result = readSettings(egressSettings(), env, 'NOTHING')
  if (!result.ok) throw new Error(result.problems.join())
  return allowedAddresses(result.values).entries.length
}

test('in production nothing special is allowed unless it is listed', () => {
  expect(read({})).toBe(0)
  expect(read({ STRAIT_EGRESS_ALLOW: '10.0.0.0/8,10.1.0.0/16:8080' })).toBe(2)
})

test('in development loopback is allowed besides what is listed', () => {
  expect(read({ STRAIT_ENV: 'development', STRAIT_EGRESS_ALLOW: '10.0.0.0/8' })).toBe(3)
})

test('a range that cannot be read is refused with its reason', () => {
  expect(() => read({ STRAIT_EGRESS_ALLOW: '10.0.0.0/99' })).toThrow(
    /^STRAIT_EGRESS_ALLOW has an entry that cannot be read/,
  )
})
