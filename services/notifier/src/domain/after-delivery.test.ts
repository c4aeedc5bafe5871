import { expect, test } from 'vitest'
import { type AttemptEnd, afterDelivery } from './after-delivery.ts'

const hours = (count: number) => count * 3_600_000
const delaysMs = [5_000, 300_000, 1_800_000, hours(2), hours(5), hours(10), hours(14), hours(20), hours(24)]
const steady = { delaysMs, jitter: 0 }
const now = new Date('2026-03-02T12:00:00Z')
const answered = (status: number, retryAfter?: string): AttemptEnd => ({
  kind: 'answered',
  status,
  retryAfter,
})

function after(attempt: number, end: AttemptEnd, schedule = steady, chance = 0.5) {
  return afterDelivery(attempt, end, schedule, { now, chance })
}

test.each([200, 201, 202, 204, 299])('%i delivers', (status) => {
  expect(after(1, answered(status))).toEqual({ to: 'delivered' })
})

test.each([
  ['a redirect', answered(302)],
  ['a 404, which a deploy can answer for a while', answered(404)],
  ['a 401', answered(401)],
  ['a 429', answered(429)],
  ['a 500', answered(500)],
  ['a timeout', { kind: 'error', errorClass: 'timeout' } as const],
  ['an address that is not allowed', { kind: 'error', errorClass: 'blocked' } as const],
])('%s is tried again', (_, end) => {
  expect(after(1, end)).toEqual({ to: 'pending', delayMs: 5_000 })
})

test('410 ends the delivery at its first attempt', () => {
  expect(after(1, answered(410))).toEqual({ to: 'failed', why: 'gone' })
})

test('each attempt is followed by its own delay, and the tenth by none', () => {
  const delays = delaysMs.map((_, index) => after(index + 1, answered(500)))
  expect(delays).toEqual(delaysMs.map((delayMs) => ({ to: 'pending', delayMs })))
  expect(after(10, answered(500))).toEqual({ to: 'failed', why: 'attempts_exhausted' })
  expect(after(10, answered(200))).toEqual({ to: 'delivered' })
})

test.each([
  [0, 4_000],
  [0.5, 5_000],
  [1, 6_000],
])('with a jitter of a fifth and a chance of %d a delay of 5 s is %i ms', (chance, delayMs) => {
  expect(after(1, answered(500), { delaysMs, jitter: 0.2 }, chance)).toEqual({ to: 'pending', delayMs })
})

test.each([
  ['120', 120_000],
  ['1', 5_000],
  ['86400', 3_600_000],
  ['Mon, 02 Mar 2026 12:10:00 GMT', 600_000],
  ['soon', 5_000],
])('Retry-After %s makes the next attempt wait %i ms', (retryAfter, delayMs) => {
  expect(after(1, answered(503, retryAfter))).toEqual({ to: 'pending', delayMs })
})

test('a call that we broke off ourselves goes on at once and never fails the delivery', () => {
  expect(after(10, { kind: 'broken_off' })).toEqual({ to: 'pending', delayMs: 0 })
})
