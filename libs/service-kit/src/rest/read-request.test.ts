import type { DescMethod } from '@bufbuild/protobuf'
import { ApiKeyService } from '@strait/contracts/catalog/v1/api_key_service_pb'
import { JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { RunService } from '@strait/contracts/dispatcher/v1/run_service_pb'
import { restRoutes } from '@strait/contracts/rest-routes'
import { expect, test } from 'vitest'
import { Refusal } from '../refusal.ts'
import { readRequest } from './read-request.ts'

const routes = restRoutes([JobService, RunService, ApiKeyService])

/** Reads a request of a method from what a test says of it. */
function read(
  method: DescMethod,
  parts: {
    vars?: Readonly<Record<string, string>>
    query?: string
    body?: string
    headers?: Readonly<Record<string, string>>
  },
) {
  const route = routes.find((one) => one.method === method)
  if (route === undefined) throw new Error(`${method.name} has no path`)
  const { vars = {}, query = '', body = '', headers = {} } = parts
  return readRequest({
    route,
    vars: new Map(Object.entries(vars)),
    query,
    body,
    header: (name) => headers[name],
  })
}

function refused(work: () => unknown): { reason: string; fields: readonly string[] } {
  try {
    work()
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { reason: thrown.reason, fields: thrown.violations.map(({ field }) => field) }
  }
  throw new Error('it was not refused')
}

const { createJob } = JobService.method
const { triggerJob, watchRun } = RunService.method
const { listApiKeys, updateApiKey, rotateApiKey } = ApiKeyService.method

test('a message is made of the path, the query and the body', () => {
  expect(read(triggerJob, { vars: { job: 'hello' }, body: '{"payload":{"n":1}}' })).toMatchObject({
    job: 'hello',
    payload: '{"n":1}',
  })
  expect(read(createJob, { query: 'validate_only=true', body: '{"name":"n"}' })).toMatchObject({
    job: { name: 'n' },
    validateOnly: true,
  })
  expect(read(listApiKeys, { query: 'page_size=7&page_token=a%2Bb+c' })).toMatchObject({
    pageSize: 7,
    pageToken: 'a+b c',
  })
  expect(read(rotateApiKey, { vars: { key: 'k' } })).not.toHaveProperty('graceSecs')
})

test('a change is what the body names, null included; the etag comes by its header', () => {
  const headers = { 'if-match': '"7"' }
  const body = '{"name":"n","expires_at":null}'
  expect(read(updateApiKey, { vars: { key: 'k' }, body, headers })).toMatchObject({
    key: 'k',
    apiKey: { name: 'n' },
    updateMask: { paths: ['name', 'expires_at'] },
    etag: '7',
  })
  expect(read(updateApiKey, { vars: { key: 'k' }, body: '{}' })).toMatchObject({ updateMask: { paths: [] } })
  expect(read(updateApiKey, { vars: { key: 'k' }, headers: { 'if-match': '*' } })).not.toHaveProperty('etag')
  expect(read(updateApiKey, { vars: { key: 'k' }, headers: { 'if-match': 'ver_1' } })).toMatchObject({
    etag: 'ver_1',
  })
})

test('an idempotency key may come by either header, or in the body', () => {
  const vars = { job: 'j' }
  for (const name of ['idempotency-key', 'x-idempotency-key'])
    expect(read(triggerJob, { vars, headers: { [name]: 'k' } })).toMatchObject({ idempotencyKey: 'k' })
  const both = { vars, headers: { 'idempotency-key': 'k' }, body: '{"idempotency_key":"k"}' }
  expect(read(triggerJob, both)).toMatchObject({ idempotencyKey: 'k' })
  expect(refused(() => read(triggerJob, { ...both, body: '{"idempotency_key":"other"}' }))).toEqual({
    reason: 'FIELD_INVALID',
    fields: ['idempotency-key'],
  })
})

test('a stream goes on behind the last event that came, whatever its query says', () => {
  const headers = { 'last-event-id': '3' }
  expect(read(watchRun, { vars: { run: 'r' }, query: 'after_seq=1', headers })).toMatchObject({ afterSeq: 3 })
  expect(read(watchRun, { vars: { run: 'r' }, query: 'after_seq=1' })).toMatchObject({ afterSeq: 1 })
})

test.each([
  ['a parameter that nobody knows', listApiKeys, { query: 'pageSize=1' }, 'FIELD_UNKNOWN', ['pageSize']],
  ['a parameter that is in the body', triggerJob, { query: 'payload=1' }, 'FIELD_UNKNOWN', ['payload']],
  ['a parameter that is in the path', watchRun, { query: 'run=x' }, 'FIELD_UNKNOWN', ['run']],
  ['the resource in the query', createJob, { query: 'job=x' }, 'FIELD_UNKNOWN', ['job']],
  ['the mask of a change', updateApiKey, { query: 'update_mask=name' }, 'FIELD_UNKNOWN', ['update_mask']],
  [
    'a parameter given twice',
    listApiKeys,
    { query: 'page_size=1&page_size=2' },
    'FIELD_INVALID',
    ['page_size'],
  ],
  ['a number that is none', listApiKeys, { query: 'page_size=many' }, 'FIELD_INVALID', ['page_size']],
  ['a number with a fraction', listApiKeys, { query: 'page_size=1.5' }, 'FIELD_INVALID', ['page_size']],
  ['a number of a programmer', listApiKeys, { query: 'page_size=0x10' }, 'FIELD_INVALID', ['page_size']],
  ['a word that is no truth', createJob, { query: 'validate_only=yes' }, 'FIELD_INVALID', ['validate_only']],
  ['a map where there is none', listApiKeys, { query: 'page_size[a]=1' }, 'FIELD_UNKNOWN', ['page_size[a]']],
  ['an encoding that is none', listApiKeys, { query: 'page_token=%zz' }, 'FIELD_INVALID', []],
  ['bytes that are no text', listApiKeys, { query: 'page_token=%ff' }, 'FIELD_INVALID', []],
  ['the path in the body', triggerJob, { body: '{"job":"other"}' }, 'FIELD_INVALID', ['job']],
  ['a body of the wrong type', createJob, { body: '{"name":7}' }, 'FIELD_INVALID', ['job.name']],
  ['a name of protobuf', createJob, { body: '{"endpointUrl":"x"}' }, 'FIELD_UNKNOWN', ['job.endpointUrl']],
  [
    'a header that the method does not know',
    createJob,
    { headers: { 'idempotency-key': 'k' } },
    'FIELD_INVALID',
    ['idempotency-key'],
  ],
  [
    // Node reads the bytes of é as Ã©: another key than the é that gRPC sends.
    'an idempotency key that no header can carry',
    triggerJob,
    { headers: { 'idempotency-key': 'Ã©' } },
    'FIELD_INVALID',
    ['idempotency-key'],
  ],
  ['a condition on nothing', triggerJob, { headers: { 'if-match': '"1"' } }, 'FIELD_INVALID', ['if-match']],
  ['two etags', updateApiKey, { headers: { 'if-match': '"1", "2"' } }, 'FIELD_INVALID', ['if-match']],
  ['a weak etag', updateApiKey, { headers: { 'if-match': 'W/"1"' } }, 'FIELD_INVALID', ['if-match']],
  [
    'an event that is none',
    watchRun,
    { headers: { 'last-event-id': 'x' } },
    'FIELD_INVALID',
    ['last-event-id'],
  ],
])('%s is refused', (_, method: DescMethod, parts, reason, fields) => {
  const vars = { job: 'j', run: 'r', key: 'k' }
  const own = Object.fromEntries(Object.entries(vars).filter(([name]) => method.input.field[name]))
  expect(refused(() => read(method, { vars: method === createJob ? {} : own, ...parts }))).toEqual({
    reason,
    fields,
  })
})

test('a query without end is refused', () => {
  const query = Array.from({ length: 101 }, (_, i) => `p${i}=1`).join('&')
  expect(refused(() => read(listApiKeys, { query })).reason).toBe('FIELD_INVALID')
})
