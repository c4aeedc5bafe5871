import { expect, test } from 'vitest'
import { waitFor } from './wait-for.ts'

test('returns the fact as soon as it is true', async () => {
  let asked = 0
  expect(await waitFor(() => ++asked > 2 && 'there', { what: 'the third time' })).toBe('there')
  expect(asked).toBe(3)
})

test('a fact that throws is not true yet', async () => {
  let asked = 0
  const fact = async () => {
    if (++asked < 3) throw new Error('not up')
    return asked
  }
  expect(await waitFor(fact, { what: 'the third time' })).toBe(3)
})

test('gives up with what was awaited and what was seen last', async () => {
  await expect(waitFor(() => [].length, { timeoutMs: 20, what: 'a row' })).rejects.toThrow(
    'waited 20 ms in vain for a row; last seen: 0',
  )
})

test('gives up with the last error as its cause', async () => {
  const cause = new Error('refused')
  const fact = () => Promise.reject(cause)
  const failed = expect(waitFor(fact, { timeoutMs: 0, what: 'an answer' })).rejects
  await failed.toThrow('waited 0 ms in vain for an answer; last seen: Error: refused')
  await failed.toHaveProperty('cause', cause)
})
