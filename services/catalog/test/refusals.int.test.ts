// What is refused says why and at which field, on JSON and on binary, and leaves no row behind.

import { connect } from 'node:net'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { type Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { CreateJobRequestSchema, JobService } from '@strait/contracts/catalog/v1/job_service_pb'
import { BadRequestSchema, ErrorInfoSchema } from '@strait/contracts/google/rpc/error_details_pb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const path = '/strait.catalog.v1.JobService/CreateJob'

interface Answer {
  readonly status: number
  readonly code: string
  readonly reason: string
  readonly fields: readonly string[]
}

/** Sends bytes as they are and reads the refusal. */
async function send(type: string, body: Uint8Array | string, key = app.store.apiKey): Promise<Answer> {
  const headers = { 'content-type': type, ...(key && { authorization: `Bearer ${key}` }) }
  const response = await fetch(`${app.baseUrl}${path}`, { method: 'POST', headers, body: Buffer.from(body) })
  const error = (await response.json()) as { code: string; details: { type: string; value: string }[] }
  const detail = (name: string) =>
    Buffer.from(error.details.find((each) => each.type === name)?.value ?? '', 'base64')
  const bad = fromBinary(BadRequestSchema, detail('google.rpc.BadRequest'))
  return {
    status: response.status,
    code: error.code,
    reason: fromBinary(ErrorInfoSchema, detail('google.rpc.ErrorInfo')).reason,
    fields: bad.fieldViolations.map((violation) => violation.field),
  }
}

const json = (body: unknown) => send('application/json', JSON.stringify(body))
const binary = (body: Uint8Array) => send('application/proto', body)

async function writesNothing<T>(what: () => Promise<T>): Promise<T> {
  const before = await app.countRows()
  const answer = await what()
  expect(await app.countRows()).toBe(before)
  return answer
}

const invalid = (...fields: string[]) => ({
  status: 400,
  code: 'invalid_argument',
  reason: 'FIELD_INVALID',
  fields,
})

type JobFields = Omit<Partial<Job>, '$typeName' | '$unknown'>

const badJobs: [string, JobFields, string[]][] = [
  ['no name', { name: '' }, ['job.name']],
  ['no endpoint', { endpointUrl: '' }, ['job.endpoint_url']],
  ['a relative URL', { endpointUrl: '/hook' }, ['job.endpoint_url']],
  ['another scheme', { endpointUrl: 'file:///etc/passwd' }, ['job.endpoint_url']],
  ['credentials in a URL', { endpointUrl: 'https://user:pass@example.com' }, ['job.endpoint_url']],
  ['a space in a URL', { webhookUrl: 'https://example.com/a b' }, ['job.webhook_url']],
  [
    'a URL that is too long',
    { endpointUrl: `https://example.com/${'x'.repeat(2_048)}` },
    ['job.endpoint_url'],
  ],
  ['a private address', { endpointUrl: 'http://192.168.1.1/' }, ['job.endpoint_url']],
  ['a metadata address', { endpointUrl: 'http://169.254.169.254/' }, ['job.endpoint_url']],
  ['a metadata address in IPv6 clothes', { webhookUrl: 'http://[::ffff:a9fe:a9fe]/' }, ['job.webhook_url']],
  ['two bad fields of a cron', { cron: '61 * * * 7' }, ['job.cron', 'job.cron']],
  ['a descriptor for a cron', { cron: '@hourly' }, ['job.cron']],
  ['a payload that is no JSON', { cronPayload: '{' }, ['job.cron_payload']],
  ['a payload above 1 MiB', { cronPayload: `"${'x'.repeat(1024 * 1024)}"` }, ['job.cron_payload']],
  ['a zone that does not exist', { timezone: 'Europe/Atlantis' }, ['job.timezone']],
  ['a slug like an id', { slug: '01890a5d-ac96-774b-bcce-b302099a8057' }, ['job.slug']],
  [
    'many bad fields',
    { name: '', maxAttempts: 101, timeoutSecs: 0 },
    ['job.name', 'job.max_attempts', 'job.timeout_secs'],
  ],
]

test.each(badJobs)('%s: both doors name the field, and nothing is written', async (_, over, fields) => {
  const job = { ...aJob, ...over }
  expect(await writesNothing(() => json({ job }))).toEqual(invalid(...fields))
  const request = create(CreateJobRequestSchema, { job: create(JobSchema, job) })
  const bytes = toBinary(CreateJobRequestSchema, request)
  expect(await writesNothing(() => binary(bytes))).toEqual(invalid(...fields))
})

test('a bad cron says which of its fields is wrong', async () => {
  const refused = await refusalOf(app.jobs.createJob({ job: { ...aJob, cron: '0 24 * * *' } }))
  expect(refused.message).toBe('job.cron: hour allows 0 to 23, not "24"')
})

test('an unknown field is refused by its name on JSON and by its number on binary', async () => {
  const unknown = { status: 400, code: 'invalid_argument', reason: 'FIELD_UNKNOWN' }
  const misspelt = { job: { ...aJob, max_atempts: 5 } }
  expect(await writesNothing(() => json(misspelt))).toEqual({ ...unknown, fields: ['job.max_atempts'] })
  expect(await writesNothing(() => json({ job: aJob, dryRun: true }))).toEqual({
    ...unknown,
    fields: ['dryRun'],
  })

  const job = toBinary(JobSchema, create(JobSchema, aJob))
  const foreign = new BinaryWriter().tag(999, WireType.Varint).uint32(5).finish()
  const inside = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .bytes(Buffer.concat([job, foreign]))
    .finish()
  expect(await writesNothing(() => binary(inside))).toEqual({ ...unknown, fields: ['job.999'] })
  const beside = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(job).finish()
  expect(await writesNothing(() => binary(Buffer.concat([beside, foreign])))).toEqual({
    ...unknown,
    fields: ['999'],
  })
})

test('what is no message at all is refused as such', async () => {
  const malformed = { status: 400, code: 'invalid_argument', reason: 'BODY_MALFORMED', fields: [] }
  expect(await writesNothing(() => send('application/json', '{"job":'))).toEqual(malformed)
  expect(await writesNothing(() => send('application/json', Buffer.of(0x22, 0xff, 0x22)))).toEqual(malformed)
  expect(await writesNothing(() => binary(Buffer.of(0x0a, 0xff)))).toEqual(malformed)
})

test('an empty request misses its job', async () => {
  expect(await writesNothing(() => json({}))).toEqual(invalid('job'))
  expect(await writesNothing(() => binary(new Uint8Array()))).toEqual(invalid('job'))
  expect(await refusalOf(app.jobs.getJob({}))).toMatchObject({ reason: 'FIELD_INVALID', fields: ['job'] })
})

test('a job that is not there is not found, whatever it is called', async () => {
  for (const job of [
    'missing',
    'Not A Slug',
    '01890a5d-ac96-774b-bcce-b302099a8057',
    'nul\0',
    'x'.repeat(10_000),
  ]) {
    expect(await refusalOf(app.jobs.getJob({ job }))).toMatchObject({
      code: 'not_found',
      reason: 'JOB_NOT_FOUND',
    })
  }
})

test.each([
  ['no key', '', 'KEY_MISSING'],
  ['text that is no key', 'nonsense', 'KEY_INVALID'],
  ['a key that nobody has', `strait_${'a'.repeat(12)}_${'b'.repeat(40)}`, 'KEY_INVALID'],
])('%s: nobody is let in', async (_, key, reason) => {
  const answer = await writesNothing(() => send('application/json', JSON.stringify({ job: aJob }), key))
  expect(answer).toEqual({ status: 401, code: 'unauthenticated', reason, fields: [] })
})

test('the right id with another secret is no key', async () => {
  const [, id] = app.store.apiKey.split('_')
  const refused = refusalOf(app.client(JobService, `strait_${id}_${'b'.repeat(40)}`).getJob({ job: 'x' }))
  expect(await refused).toMatchObject({ code: 'unauthenticated', reason: 'KEY_INVALID' })
})

test('a body of 5 MiB is refused by its length alone, before it is sent', async () => {
  const before = await app.countRows()
  const { port } = new URL(app.baseUrl)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
      `authorization: Bearer ${app.store.apiKey}\r\ncontent-length: ${5 * 1024 * 1024}\r\n\r\n{"job":`,
  )
  const answer = await new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString()))
  })
  socket.destroy()
  expect(answer).toMatch(/^HTTP\/1\.1 429 /)
  expect(answer).toContain('"code":"resource_exhausted"')
  expect(await app.countRows()).toBe(before)
})

test('a body that grows beyond 4 MiB is refused while it is read', async () => {
  const before = await app.countRows()
  const refused = refusalOf(
    app.jobs.createJob({ job: { ...aJob, description: 'x'.repeat(5 * 1024 * 1024) } }),
  )
  expect(await refused).toMatchObject({ code: 'resource_exhausted', reason: 'BODY_TOO_LARGE' })
  expect(await app.countRows()).toBe(before)
})

test('a cursor that is none and a page that is too large are refused by their field', async () => {
  for (const since of ['x', '1.2', '1.', `1.${'z'.repeat(36)}`, `-1.${'0'.repeat(36)}`]) {
    const refused = await refusalOf(app.internal.headsChanged({ since }))
    expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields: ['since'] })
  }
  for (const limit of [-1, 10_001]) {
    const refused = await refusalOf(app.internal.headsChanged({ limit }))
    expect(refused).toMatchObject({ reason: 'FIELD_INVALID', fields: ['limit'] })
  }
})

test('an answer that would be too large is refused before it is read, and a smaller question is answered', async () => {
  const cronPayload = `"${'x'.repeat(1024 * 1024 - 2)}"`
  const { job } = await app.jobs.createJob({ job: { ...aJob, slug: 'heavy', cronPayload } })
  const ref = { jobId: job!.id, version: 1 }
  const refs = (count: number) => ({ refs: Array.from({ length: count }, () => ref) })
  expect(await refusalOf(app.internal.getJobVersions(refs(40)))).toMatchObject({
    code: 'resource_exhausted',
    reason: 'OVERLOADED',
  })
  expect((await app.internal.getJobVersions(refs(10))).versions).toHaveLength(10)
})
