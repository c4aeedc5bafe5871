import { request as httpRequest } from 'node:http'
import { fromBinary } from '@bufbuild/protobuf'
import { BadRequestSchema, ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import { createReceiver, type Receiver } from '@strait/testkit/receiver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../cluster.ts'
import { assertRunHistory } from '../invariants.ts'

let cluster: Cluster
let endpoint: Receiver
let foreign: { readonly apiKey: string; readonly projectId: string }
beforeAll(async () => {
  cluster = await startCluster({ scheduler: false, notifier: false })
  endpoint = await createReceiver()
  foreign = await cluster.bootstrap('foreign')
  await cluster.jobs.createJob({ job: { name: 'Good', endpointUrl: endpoint.url } })
})
afterAll(async () => {
  await assertRunHistory(cluster.sql)
  await endpoint.close()
  await cluster[Symbol.asyncDispose]()
})

const createJob = 'strait.catalog.v1.JobService/CreateJob'
const getJob = 'strait.catalog.v1.JobService/GetJob'
const trigger = 'strait.dispatcher.v1.RunService/TriggerJob'

interface Refused {
  readonly status: number
  readonly code: string
  readonly reason: string
  readonly fields: readonly string[]
}

/** What a caller with curl sees of a refusal. */
async function ask(method: string, body: string, key: string | null = cluster.apiKey): Promise<Refused> {
  const base = method === trigger ? cluster.dispatchers[0]?.url : cluster.catalog.url
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (key !== null) headers.authorization = `Bearer ${key}`
  const response = await fetch(`${base}/${method}`, { method: 'POST', headers, body })
  const error = (await response.json()) as { code?: string; details?: { type: string; value: string }[] }
  const detail = (type: string) =>
    Buffer.from(error.details?.find((each) => each.type === type)?.value ?? '', 'base64')
  return {
    status: response.status,
    code: error.code ?? '',
    reason: fromBinary(ErrorInfoSchema, detail('google.rpc.ErrorInfo')).reason,
    fields: fromBinary(BadRequestSchema, detail('google.rpc.BadRequest')).fieldViolations.map(
      (each) => each.field,
    ),
  }
}

/** Everything that could have been half-written. */
async function rows(): Promise<unknown> {
  const { rows } = await cluster.sql.query(`select
    (select count(*) from catalog.jobs) as jobs, (select count(*) from catalog.job_versions) as versions,
    (select count(*) from dispatcher.runs) as runs, (select count(*) from dispatcher.queue) as queue,
    (select count(*) from dispatcher.dedup) as dedup, (select count(*) from dispatcher.feed) as feed`)
  return rows[0]
}

const job = (over: object) =>
  JSON.stringify({ job: { name: 'Bad', endpoint_url: 'https://example.com/', ...over } })
const big = (bytes: number) => JSON.stringify({ job: 'good', payload: JSON.stringify('x'.repeat(bytes)) })

describe('refused, with code, reason and field, and nothing written:', () => {
  test.each<[string, string, string, Refused]>([
    [
      'an unknown field',
      createJob,
      job({ endpoint: 'x' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_UNKNOWN', fields: ['job.endpoint'] },
    ],
    [
      'an unknown field at the top',
      trigger,
      '{"job":"good","payloads":"{}"}',
      { status: 400, code: 'invalid_argument', reason: 'FIELD_UNKNOWN', fields: ['payloads'] },
    ],
    [
      'a URL that is none',
      createJob,
      job({ endpoint_url: 'not a url' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.endpoint_url'] },
    ],
    [
      'a URL of another scheme',
      createJob,
      job({ endpoint_url: 'ftp://example.com/' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.endpoint_url'] },
    ],
    [
      'a URL with credentials',
      createJob,
      job({ webhook_url: 'https://u:p@example.com/' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.webhook_url'] },
    ],
    [
      'a metadata address',
      createJob,
      job({ endpoint_url: 'http://169.254.169.254/latest' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.endpoint_url'] },
    ],
    [
      'a private address',
      createJob,
      job({ endpoint_url: 'http://10.1.2.3/' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.endpoint_url'] },
    ],
    [
      'a cron of six fields',
      createJob,
      job({ cron: '0 0 * * * *' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.cron'] },
    ],
    [
      'a cron with day-of-week 7',
      createJob,
      job({ cron: '0 0 * * 7' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.cron'] },
    ],
    [
      'a cron on 30 February',
      createJob,
      job({ cron: '0 0 30 2 *' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.cron'] },
    ],
    [
      'a zone that does not exist',
      createJob,
      job({ cron: '0 0 * * *', timezone: 'Mars/Base' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.timezone'] },
    ],
    [
      'a schema with a slip of the pen',
      createJob,
      job({ payload_schema: '{"typ":"object"}' }),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job.payload_schema'] },
    ],
    [
      'a job without name and URL',
      createJob,
      '{"job":{}}',
      {
        status: 400,
        code: 'invalid_argument',
        reason: 'FIELD_INVALID',
        fields: ['job.name', 'job.endpoint_url'],
      },
    ],
    [
      'a number out of its bounds',
      createJob,
      job({ max_attempts: 0, timeout_secs: 86_401 }),
      {
        status: 400,
        code: 'invalid_argument',
        reason: 'FIELD_INVALID',
        fields: ['job.max_attempts', 'job.timeout_secs'],
      },
    ],
    [
      'a job that is not there',
      trigger,
      '{"job":"missing"}',
      { status: 404, code: 'not_found', reason: 'JOB_NOT_FOUND', fields: ['job'] },
    ],
    [
      'no job at all',
      trigger,
      '{}',
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job'] },
    ],
    [
      'a payload that is not JSON',
      trigger,
      '{"job":"good","payload":"{"}',
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['payload'] },
    ],
    [
      'a payload with a duplicate key',
      trigger,
      '{"job":"good","payload":"{\\"a\\":1,\\"a\\":2}"}',
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['payload'] },
    ],
    [
      'a payload of 2 MiB',
      trigger,
      big(2 * 1024 * 1024),
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['payload'] },
    ],
    [
      'a body of 5 MiB',
      trigger,
      big(5 * 1024 * 1024),
      { status: 429, code: 'resource_exhausted', reason: 'BODY_TOO_LARGE', fields: [] },
    ],
    [
      'a body that is not JSON',
      trigger,
      '{"job":',
      { status: 400, code: 'invalid_argument', reason: 'BODY_MALFORMED', fields: [] },
    ],
    [
      'a field of the wrong type',
      trigger,
      '{"job":7}',
      { status: 400, code: 'invalid_argument', reason: 'FIELD_INVALID', fields: ['job'] },
    ],
  ])('%s', async (_, method, body, expected) => {
    const before = await rows()
    expect(await ask(method, body)).toEqual(expected)
    expect(await rows()).toEqual(before)
  })

  test.each([
    ['no key', null, 'KEY_MISSING'],
    ['a wrong key', 'strait_aaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'KEY_INVALID'],
    ['a key that is none', 'nonsense', 'KEY_INVALID'],
  ])('%s, on both services', async (_, key, reason) => {
    const before = await rows()
    for (const method of [createJob, trigger]) {
      expect(await ask(method, '{"job":"good"}', key)).toEqual({
        status: 401,
        code: 'unauthenticated',
        reason,
        fields: [],
      })
    }
    expect(await rows()).toEqual(before)
  })
})

test('a wrong key is refused before the body is read: the body never comes, the answer does', async () => {
  const url = new URL(`${cluster.dispatchers[0]?.url}/${trigger}`)
  const status = await new Promise<number | undefined>((done, fail) => {
    const call = httpRequest(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': '1000000',
        authorization: 'Bearer strait_a_b',
      },
    })
    call.once('response', (response) => {
      done(response.statusCode)
      call.destroy()
    })
    call.once('error', fail)
    call.flushHeaders()
  })
  expect(status).toBe(401)
})

test("another project's key sees nothing of this one", async () => {
  const { run } = await cluster.runs().triggerJob({ job: 'good' })
  expect(await ask(trigger, '{"job":"good"}', foreign.apiKey)).toMatchObject({
    status: 404,
    reason: 'JOB_NOT_FOUND',
  })
  expect(await ask(getJob, '{"job":"good"}', foreign.apiKey)).toMatchObject({
    status: 404,
    reason: 'JOB_NOT_FOUND',
  })
  for (const method of ['GetRun', 'ListAttempts']) {
    const response = await fetch(`${cluster.dispatchers[0]?.url}/strait.dispatcher.v1.RunService/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${foreign.apiKey}` },
      body: JSON.stringify({ run: run?.id }),
    })
    expect(response.status).toBe(404)
  }
})

test('an API key does not open the internal services, and the service token does not open the public ones', async () => {
  const internal = 'strait.catalog.v1.CatalogInternalService/VerifyKeys'
  expect(await ask(internal, '{"keys":[]}')).toMatchObject({ status: 401, reason: 'KEY_INVALID' })
  expect(await ask(getJob, '{"job":"good"}', cluster.serviceToken)).toMatchObject({
    status: 401,
    reason: 'KEY_INVALID',
  })
})
