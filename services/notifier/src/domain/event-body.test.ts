import { expect, test } from 'vitest'
import { type EndedRun, eventBody, eventId } from './event-body.ts'

function aRun(more: Partial<EndedRun> = {}): EndedRun {
  return {
    runId: '0199c0de-0000-7000-8000-000000000001',
    projectId: '0199c0de-0000-7000-8000-000000000002',
    jobId: '0199c0de-0000-7000-8000-000000000003',
    jobSlug: 'send-report',
    status: 'completed',
    attempt: 2,
    result: '{"ok":true}',
    error: undefined,
    jobVersionId: 'ver_0123456789',
    metadata: { tenant: 'a"b' },
    tags: { team: 'billing' },
    triggeredBy: 'manual',
    createdAt: new Date('2026-03-02T12:00:00Z'),
    finishedAt: new Date('2026-03-02T12:00:01.5Z'),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...more,
  }
}

test('a completed run is told with everything that is known of it', () => {
  expect(JSON.parse(eventBody(aRun()))).toEqual({
    type: 'run.completed',
    timestamp: '2026-03-02T12:00:01.500Z',
    data: {
      run_id: '0199c0de-0000-7000-8000-000000000001',
      job_id: '0199c0de-0000-7000-8000-000000000003',
      job_slug: 'send-report',
      project_id: '0199c0de-0000-7000-8000-000000000002',
      status: 'completed',
      attempt: 2,
      result: { ok: true },
      error: null,
      job_version_id: 'ver_0123456789',
      metadata: { tenant: 'a"b' },
      tags: { team: 'billing' },
      triggered_by: 'manual',
      created_at: '2026-03-02T12:00:00.000Z',
      finished_at: '2026-03-02T12:00:01.500Z',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
    },
  })
})

test.each([
  ['numbers beyond a double', '{"id":9007199254740993,"n":1.10}'],
  ['the order and the spaces of the text', '{ "b" : 1,\n "a" : [ ] }'],
  ['escapes as they were written', '"\\u00e9\\/é"'],
])('a result keeps %s', (_, result) => {
  expect(eventBody(aRun({ result }))).toContain(`"result":${result},"error":null,`)
})

test('a run that failed is told with its error and without a result', () => {
  const error = { class: 'http_status', message: 'the endpoint answered 500', httpStatus: 500 }
  const { type, data } = JSON.parse(eventBody(aRun({ status: 'failed', result: undefined, error })))
  expect({ type, result: data.result, error: data.error }).toEqual({
    type: 'run.failed',
    result: null,
    error: { class: 'http_status', message: 'the endpoint answered 500', http_status: 500 },
  })
})

test('a run that was canceled is told as such, with its reason', () => {
  const error = { class: 'canceled', message: 'the job was deleted', httpStatus: undefined }
  const run = aRun({ status: 'canceled', attempt: 0, result: undefined, error })
  expect(JSON.parse(eventBody(run))).toMatchObject({
    type: 'run.canceled',
    data: { status: 'canceled', attempt: 0, result: null, error: { class: 'canceled' } },
  })
  expect(eventId(run)).toBe('0199c0de-0000-7000-8000-000000000001:run.canceled')
})

test('an error without an answer of the endpoint has a null for its status code', () => {
  const error = { class: 'timeout', message: 'no answer in time', httpStatus: undefined }
  const { data } = JSON.parse(eventBody(aRun({ status: 'timed_out', result: undefined, error })))
  expect(data.error.http_status).toBeNull()
})

test('the same run gives the same bytes and the same name whenever it is asked', () => {
  expect(eventBody(aRun())).toBe(eventBody(aRun()))
  expect(eventId(aRun())).toBe('0199c0de-0000-7000-8000-000000000001:run.completed')
})
