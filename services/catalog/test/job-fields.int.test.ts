// Every field of a job through real doors: kept and shown as it was given, or refused under its name with nothing written.

import { type JsonObject, toBinary } from '@bufbuild/protobuf'
import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { checkJsonText } from '@strait/domain/json-text'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobInput } from '../src/domain/jobs/job-input.ts'
import { type AppBundle, aJob, openApp } from './app-bundle.ts'
import { makeGroup } from './group-bundle.ts'
import { inConnectJson, inRest } from './job-doors.ts'
import { jobFields } from './job-fields.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

type Json = Readonly<Record<string, unknown>>

interface Answer {
  readonly status: number
  readonly text: string
}

/** One call of REST; a body is sent as the text that it is. */
async function rest(method: string, path: string, body?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${app.store.apiKey}` }
  const response = await fetch(`${app.baseUrl}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  })
  return { status: response.status, text: await response.text() }
}

const restBody = (fields: JobInput) => inRest.write({ ...aJob, ...fields })
const connectBody = (fields: JobInput) => ({ job: inConnectJson.write({ ...aJob, ...fields }) })

/** The fields at fault of a refusal over REST. */
function faultsOf({ status, text }: Answer): readonly string[] {
  const problem = JSON.parse(text) as { reason: string; violations?: { field: string }[] }
  expect([status, problem.reason]).toEqual([400, 'FIELD_INVALID'])
  return problem.violations?.map(({ field }) => field) ?? []
}

async function writesNothing<T>(what: () => Promise<T>): Promise<T> {
  const before = await app.countRows()
  const answer = await what()
  expect(await app.countRows()).toBe(before)
  return answer
}

const isJson = (text: unknown) =>
  typeof text === 'string' && checkJsonText(text, { maxBytes: 2e6, maxDepth: 100 }).ok
const jsonKeys = ['cronPayload', 'payloadSchema', 'onCompletePayloadMapping'] as const

/** REST has JSON inline, where null is absence and what is no JSON spoils more than its field. */
function canStandInline(fields: JobInput): boolean {
  return jsonKeys.every((key) => fields[key] === undefined || (fields[key] !== 'null' && isJson(fields[key])))
}

const names = Object.keys(jobFields)
const goodOf = (field: string) => jobFields[field]?.good ?? []
const badOf = (field: string) => jobFields[field]?.bad ?? []
const withGood = names.filter((field) => goodOf(field).length > 0)
const withBad = names.filter((field) => badOf(field).length > 0)

/** A slug may be chosen once. */
const freeSlugs = () => sql`update jobs set deleted_at = now() where deleted_at is null`.execute(app.store.db)

test('every field has values that are kept, save those that name something else, and every field but two can be wrong', () => {
  expect(names.filter((field) => !withGood.includes(field))).toEqual([
    'project_id',
    'group_id',
    'environment_id',
  ])
  expect(names.filter((field) => !withBad.includes(field))).toEqual(['enabled', 'backwards_compatible'])
})

test.each(withGood)('%s within its bounds is kept and shown as it was given, on Connect', async (field) => {
  for (const fields of goodOf(field)) {
    const created = await app.post('JobService/CreateJob', connectBody(fields))
    expect(created).toMatchObject({ status: 200 })
    const read = await app.post('JobService/GetJob', { job: (created.body.job as JsonObject).id })
    expect(read.body).toEqual(created.body)
    const { webhookSecret: _, ...shown } = fields
    expect(inConnectJson.read(read.body.job as JsonObject, Object.keys(fields))).toEqual(shown)
    await freeSlugs()
  }
})

test.each(withGood)('%s within its bounds is kept and shown as it was given, on REST', async (field) => {
  for (const fields of goodOf(field).filter(canStandInline)) {
    const created = await rest('POST', '/v1/jobs', restBody(fields))
    expect(created).toMatchObject({ status: 201 })
    const read = await rest('GET', `/v1/jobs/${(JSON.parse(created.text) as { id: string }).id}`)
    // The order of a map's keys is not kept.
    expect([read.status, JSON.parse(read.text)]).toEqual([200, JSON.parse(created.text)])
    expect(inRest.shows(read.text, fields)).toBe(true)
    await freeSlugs()
  }
})

test('a change of any field makes a version, null sets its default in another, and those before stay as they were', async () => {
  const { id: groupId } = await makeGroup(app, 'Changed into')
  const staging = await app.rest('GET', '/v1/environments/staging')
  const another: Readonly<Record<string, JobInput>> = {
    group_id: { groupId: groupId as never },
    environment_id: { environmentId: String(staging.body.id) as never },
  }
  const fieldsToChange = names.filter((field) => field !== 'project_id')
  const jobs = fieldsToChange.map((name) => ({ name, endpoint_url: aJob.endpointUrl }))
  const { body } = await app.rest('POST', '/v1/jobs/batch-create', { jobs })
  const results = body.results as readonly { readonly job: Json }[]
  const changeAndClear = async (field: string, nth: number) => {
    const fields = another[field] ?? goodOf(field)[0] ?? {}
    const made = results[nth]?.job ?? {}
    const path = `/v1/jobs/${made.id}`
    const change = inRest.write(fields)
    const changed = await rest('PATCH', path, change)
    expect([changed.status, inRest.shows(changed.text, fields)], field).toEqual([200, true])
    const second = JSON.parse(changed.text) as Json
    expect(second.version, field).toBe(2)

    const nulls = Object.fromEntries(Object.keys(JSON.parse(change) as Json).map((each) => [each, null]))
    const cleared = await rest('PATCH', path, JSON.stringify(nulls))
    const third = JSON.parse(cleared.text) as Json
    if (['name', 'endpoint_url'].includes(field)) return expect(cleared.status, field).toBe(400)
    const { version_id, updated_at } = third
    // The secrets that there were are counted on, and whether there is one is shown as it is now.
    const secrets = (count: number) => (field === 'webhook_secret' ? count : 0)
    const moved = { version: 3, version_id, updated_at, webhook_secret_revision: secrets(2) }
    expect(third, field).toEqual({ ...made, ...moved })
    const { versions } = JSON.parse((await rest('GET', `${path}/versions`)).text) as { versions: Json[] }
    expect(versions, field).toEqual([third, { ...second, webhook_secret_set: false }, made])
  }
  await Promise.all(fieldsToChange.map(changeAndClear))
  await freeSlugs()
})

test.each(withBad)(
  '%s beyond its bounds is refused under its name, and nothing is written',
  async (field) => {
    for (const [fields, ...paths] of badOf(field)) {
      const faulty = paths.map((path) => `job.${path}`)
      const request = { job: { ...aJob, ...inConnectJson.toMessage(fields) } }
      const refused = await writesNothing(() => refusalOf(app.jobs.createJob(request)))
      expect(refused).toMatchObject({ code: 'invalid_argument', reason: 'FIELD_INVALID' })
      expect(refused.fields).toEqual(faulty)
      const answer = await app.post('JobService/CreateJob', connectBody(fields))
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_argument' } })
      if (canStandInline(fields)) {
        const told = await writesNothing(() => rest('POST', '/v1/jobs', restBody(fields)))
        expect(new Set(faultsOf(told))).toEqual(new Set(faulty))
      } else if (!Object.values(fields).includes('null')) {
        const told = await writesNothing(() => rest('POST', '/v1/jobs', restBody(fields)))
        expect(told.status).toBe(400)
      }
    }
  },
)

test.each(names)('what is no value of %s at all is refused under its name', async (field) => {
  const wrongType = jobFields[field]?.wrongType
  const named = expect.stringContaining(`job.${field}`)
  const answer = await writesNothing(() =>
    app.post('JobService/CreateJob', { job: { ...aJob, [field]: wrongType } }),
  )
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_argument', message: named } })
  // Every JSON is a payload.
  if (field === 'cron_payload') return
  const body = JSON.stringify({ name: 'A job', endpoint_url: aJob.endpointUrl, [field]: wrongType })
  const faults = faultsOf(await writesNothing(() => rest('POST', '/v1/jobs', body)))
  expect(faults.map((fault) => fault.replace(/[[].*/, ''))).toContain(`job.${field}`)
})

describe('what a job belongs to', () => {
  type Kind = 'job_groups' | 'environments'

  async function insert(kind: Kind, projectId: string, deleted = false): Promise<string> {
    const id = newUuidv7()
    await sql`
      insert into ${sql.table(kind)} (id, project_id, slug, name, description, deleted_at, created_by, updated_by)
      values (${id}, ${projectId}, ${`s-${id.slice(-12)}`}, 'x', '', ${deleted ? new Date() : null}, 'x', 'x')
    `.execute(app.store.db)
    return id
  }

  test.each([
    ['groupId', 'group_id', 'job_groups'],
    ['environmentId', 'environment_id', 'environments'],
  ] as const)(
    '%s is kept where the project has it, and where not nobody learns who has',
    async (key, field, kind) => {
      const { bootstrap } = await import('../src/bootstrap.ts')
      const { database, masterKey, projectId } = app.store
      const other = await bootstrap({
        databaseUrl: database.url,
        masterKey,
        projectSlug: `other-${kind.slice(0, 3)}`,
      })
      const mine = await insert(kind, projectId)
      const { job } = await app.jobs.createJob({ job: { ...aJob, [key]: mine.toUpperCase() } })
      expect(job).toMatchObject({ [key]: mine })
      expect((await app.jobs.getJob({ job: job!.id })).job).toEqual(job)

      const strangers = [
        await insert(kind, other.projectId),
        await insert(kind, projectId, true),
        newUuidv7(),
      ]
      const answers = await Promise.all(
        strangers.map((id) => refusalOf(app.jobs.createJob({ job: { ...aJob, [key]: id } }))),
      )
      expect(answers[0]).toMatchObject({
        code: 'invalid_argument',
        reason: 'FIELD_INVALID',
        fields: [`job.${field}`],
      })
      expect(answers).toEqual(Array(3).fill(answers[0]))
    },
  )

  test('the own project may be named', async () => {
    const { projectId } = app.store
    expect((await app.jobs.createJob({ job: { ...aJob, projectId } })).job).toMatchObject({ projectId })
  })
})

test('a payload that does not fit names every place of it', async () => {
  const payloadSchema = '{"properties":{"a":{"type":"string"},"b":{"items":{"minimum":3}}},"required":["c"]}'
  const job = { ...aJob, payloadSchema, cronPayload: '{"a":1,"b":[3,2]}' }
  expect((await refusalOf(app.jobs.createJob({ job }))).message).toBe(
    [
      'job.cron_payload: does not fit payload_schema: is required (at /c)',
      'job.cron_payload: does not fit payload_schema: must be string (at /a)',
      'job.cron_payload: does not fit payload_schema: must be >= 3 (at /b/1)',
    ].join('; '),
  )
})

test('a schema that cannot be judged in time is refused, and the next save is not held up by it', async () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [`a${i}`, { allOf: Array(2).fill({ $ref: `#/$defs/a${i + 1}` }) }]),
  )
  const payloadSchema = JSON.stringify({ $ref: '#/$defs/a0', $defs: { ...$defs, a40: {} } })
  const hostile = refusalOf(app.jobs.createJob({ job: { ...aJob, payloadSchema, cron: '0 * * * *' } }))
  await app.jobs.createJob({ job: { ...aJob, payloadSchema: '{"type":"object"}', cron: '0 * * * *' } })
  expect(await hostile).toMatchObject({ reason: 'FIELD_INVALID', fields: ['job.payload_schema'] })
})

test('a version keeps its fields under the names of the API, also those inside a list', async () => {
  const rateLimitKeys = [{ name: 'a', max: 1, windowSecs: 60 }]
  const { job } = await app.jobs.createJob({ job: { ...aJob, rateLimitKeys, tags: { windowSecs: 'mine' } } })
  const { rows } = await sql<{ config: Record<string, unknown> }>`
    select config from job_versions where job_id = ${job!.id}
  `.execute(app.store.db)
  expect(rows[0]?.config).toMatchObject({
    rate_limit_keys: [{ name: 'a', max: 1, window_secs: 60 }],
    tags: { windowSecs: 'mine' },
  })
  expect(toBinary(JobSchema, (await app.jobs.getJob({ job: job!.id })).job!)).toEqual(
    toBinary(JobSchema, job!),
  )
})
