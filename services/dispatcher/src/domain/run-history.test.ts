import { expect, test } from 'vitest'
import type { AttemptRecord, RunRecord } from './run.ts'
import { runHistory } from './run-history.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds))
function aRun(over: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 'r',
    projectId: 'p',
    jobId: 'j',
    jobSlug: 'job',
    shard: 0,
    version: 1,
    versionId: 'ver_0000000000',
    payload: '{}',
    metadata: {},
    tags: {},
    idempotencyKey: undefined,
    triggeredBy: 'manual',
    createdBy: 'apikey:k',
    occurrence: undefined,
    traceparent: '',
    status: 'queued',
    attempt: 0,
    resolved: undefined,
    result: undefined,
    error: undefined,
    createdAt: at(0),
    scheduledAt: at(0),
    startedAt: undefined,
    finishedAt: undefined,
    nextAttemptAt: undefined,
    ...over,
  }
}
function anAttempt(over: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    attempt: 1,
    fence: 2,
    outcome: 'in_flight',
    endpointUrl: 'http://e/',
    startedAt: at(1),
    finishedAt: undefined,
    nextAttemptAt: undefined,
    error: undefined,
    httpStatus: undefined,
    ...over,
  }
}
const retried = anAttempt({
  outcome: 'retryable',
  finishedAt: at(2),
  nextAttemptAt: at(3),
  error: { class: 'http_status', message: '' },
})
const succeeded = anAttempt({
  attempt: 2,
  fence: 4,
  outcome: 'succeeded',
  startedAt: at(3),
  finishedAt: at(4),
})

test('a run with a retry reads queued, executing, delayed, executing, completed', () => {
  const steps = runHistory(aRun({ status: 'completed', finishedAt: at(4) }), [retried, succeeded])
  expect(steps.map((step) => step.status)).toEqual([
    'queued',
    'executing',
    'delayed',
    'executing',
    'completed',
  ])
  expect(steps.map((step) => step.seq)).toEqual([1, 2, 3, 4, 5])
  expect(steps.map((step) => step.attempt)).toEqual([0, 1, 1, 2, 2])
  expect(steps[2]?.nextAttemptAt).toEqual(at(3))
})

test('what was read once is read again as it was, with more at its end', () => {
  const readings = [
    runHistory(aRun(), []),
    runHistory(aRun({ status: 'executing' }), [anAttempt()]),
    runHistory(aRun({ status: 'delayed' }), [retried]),
    runHistory(aRun({ status: 'executing' }), [
      retried,
      anAttempt({ attempt: 2, fence: 4, startedAt: at(3) }),
    ]),
    runHistory(aRun({ status: 'completed', finishedAt: at(4) }), [retried, succeeded]),
  ]
  for (const [i, earlier] of readings.entries()) {
    for (const later of readings.slice(i)) expect(later.slice(0, earlier.length)).toEqual(earlier)
  }
})

test('an attempt that was given back counts for nothing and leaves the run queued', () => {
  const unsent = anAttempt({ outcome: 'unsent', finishedAt: at(2), nextAttemptAt: at(2) })
  const steps = runHistory(aRun(), [unsent])
  expect(steps.at(-1)).toMatchObject({ status: 'queued', attempt: 0 })
})

test('a lost attempt that is retried at once leaves the run queued, a crash ends it', () => {
  const lost = anAttempt({ outcome: 'lost', finishedAt: at(2), nextAttemptAt: at(2) })
  expect(runHistory(aRun(), [lost]).at(-1)).toMatchObject({ status: 'queued', attempt: 1 })
  const last = { ...lost, nextAttemptAt: undefined }
  expect(runHistory(aRun({ status: 'crashed', finishedAt: at(2) }), [last]).at(-1)).toMatchObject({
    status: 'crashed',
  })
})

test('a run that is canceled while it waits ends there, before or after an attempt', () => {
  const canceled = aRun({ status: 'canceled', finishedAt: at(5), attempt: 1 })
  expect(runHistory(aRun({ status: 'canceled', finishedAt: at(5) }), []).map((step) => step.status)).toEqual([
    'queued',
    'canceled',
  ])
  const steps = runHistory(canceled, [retried])
  expect(steps.map((step) => step.status)).toEqual(['queued', 'executing', 'delayed', 'canceled'])
  expect(steps.at(-1)).toMatchObject({ seq: 4, attempt: 1, at: at(5) })
})

test('a run that is canceled while it executes ends with its attempt', () => {
  const cutOff = anAttempt({ outcome: 'canceled', finishedAt: at(2) })
  const steps = runHistory(aRun({ status: 'canceled', finishedAt: at(2), attempt: 1 }), [cutOff])
  expect(steps.map((step) => step.status)).toEqual(['queued', 'executing', 'canceled'])
})
