import { canMove, type RunStatus } from '@strait/domain/run-state'
import { describe, expect, test } from 'vitest'
import { type AttemptedRun, type AttemptResult, afterAttempt, maxLosses } from './after-attempt.ts'

const now = 1_000_000
const error = { class: 'http_status', message: 'the endpoint answered 503', httpStatus: 503 }
const aRun = (over: Partial<AttemptedRun> = {}): AttemptedRun => ({
  attempt: 1,
  losses: 0,
  maxAttempts: 3,
  retry: { strategy: 'exponential', delaysSecs: [] },
  ...over,
})
const decide = (run: AttemptedRun, result: AttemptResult) => afterAttempt(run, result, now, 0.5, 0.2)

describe('an attempt that succeeded', () => {
  test('completes the run, also when it was the last one', () => {
    const result: AttemptResult = { kind: 'succeeded', httpStatus: 200, result: '{"a":1}' }
    expect(decide(aRun(), result)).toEqual({ to: 'completed', result: '{"a":1}' })
    expect(decide(aRun({ attempt: 3 }), result)).toEqual({ to: 'completed', result: '{"a":1}' })
  })
})

describe('an attempt that failed in a way that is retried', () => {
  test.each([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
  ])('waits after attempt %i for %i ms with the exponential strategy', (attempt, delay) => {
    const next = decide(aRun({ attempt, maxAttempts: 9 }), { kind: 'retryable', error })
    expect(next).toEqual({ to: 'retry', dueAtMs: now + delay, error })
  })

  test('honours a Retry-After that is longer than its own delay', () => {
    const next = decide(aRun(), { kind: 'retryable', error, retryAfterMs: 7_000 })
    expect(next).toEqual({ to: 'retry', dueAtMs: now + 7_000, error })
  })

  test('fails the run when it was the last attempt', () => {
    expect(decide(aRun({ attempt: 3 }), { kind: 'retryable', error })).toEqual({ to: 'failed', error })
    expect(decide(aRun({ maxAttempts: 1 }), { kind: 'retryable', error })).toEqual({ to: 'failed', error })
  })

  test('times the run out when the last attempt timed out, and only then', () => {
    expect(decide(aRun({ attempt: 3 }), { kind: 'timed_out', error }).to).toBe('timed_out')
    expect(decide(aRun({ attempt: 2 }), { kind: 'timed_out', error }).to).toBe('retry')
  })
})

test('an attempt that failed for good fails the run however many are left', () => {
  expect(decide(aRun(), { kind: 'failed', error })).toEqual({ to: 'failed', error })
})

test('an attempt that was cut off cancels the run however many are left', () => {
  expect(decide(aRun(), { kind: 'canceled', error })).toEqual({ to: 'canceled', error })
})

describe('a lost attempt', () => {
  test('is retried at once while attempts are left', () => {
    expect(decide(aRun(), { kind: 'lost' })).toMatchObject({
      to: 'retry',
      dueAtMs: now,
      error: { class: 'lost' },
    })
  })

  test('crashes the run when it was the last attempt: a run with one attempt is never called twice', () => {
    expect(decide(aRun({ maxAttempts: 1 }), { kind: 'lost' }).to).toBe('crashed')
    expect(decide(aRun({ attempt: 3 }), { kind: 'lost' }).to).toBe('crashed')
  })

  test('crashes the run when it is the third loss, however many attempts are left', () => {
    expect(decide(aRun({ losses: maxLosses - 2, maxAttempts: 100 }), { kind: 'lost' }).to).toBe('retry')
    expect(decide(aRun({ losses: maxLosses - 1, maxAttempts: 100 }), { kind: 'lost' }).to).toBe('crashed')
  })
})

test('an attempt given back unsent decides nothing about the run', () => {
  expect(decide(aRun({ attempt: 3 }), { kind: 'unsent' })).toEqual({ to: 'given_back' })
})

test('whatever an attempt comes to, the run makes a move that the table of states allows', () => {
  const results: AttemptResult[] = [
    { kind: 'succeeded', httpStatus: 200, result: 'null' },
    { kind: 'retryable', error },
    { kind: 'timed_out', error },
    { kind: 'failed', error },
    { kind: 'lost' },
    { kind: 'unsent' },
  ]
  const statusOf = { retry: 'delayed', given_back: 'queued' } as const
  const moves = results.flatMap((result) =>
    [1, 3].map((attempt): RunStatus => {
      const { to } = decide(aRun({ attempt }), result)
      return to === 'retry' || to === 'given_back' ? statusOf[to] : to
    }),
  )
  expect(moves.filter((status) => !canMove('executing', status))).toEqual([])
  expect(new Set(moves)).toEqual(
    new Set(['completed', 'failed', 'timed_out', 'crashed', 'delayed', 'queued']),
  )
})
