// The audit log as its project reads it.

import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt'
import { AuditService } from '@strait/contracts/catalog/v1/audit_service_pb'
import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { type AuditFilter, readAuditFilter } from '../src/domain/audit/check-list-audit.ts'
import { listAuditEvents } from '../src/store/audit/find-audit.ts'
import { recordAudit } from '../src/store/audit/record-audit.ts'
import { type AppBundle, openApp } from './app-bundle.ts'
import { anEntry, chainAll, record, tamper } from './audit-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  // Its chainer looks once at the start and when it makes a change itself, so that a test says what is chained.
  app = await openApp({ CATALOG_AUDIT_CHAIN_MS: '60000' })
})
afterAll(() => app[Symbol.asyncDispose]())

async function aProject(projectSlug: string) {
  const { database, masterKey } = app.store
  const made = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug })
  return { ...made, audit: app.client(AuditService, made.apiKey) }
}

type Project = Awaited<ReturnType<typeof aProject>>
type Filters = Parameters<Project['audit']['listAuditEvents']>[0]

/** Every page, as the ids of its entries. */
async function readPages({ audit }: Project, filters: Filters): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = []
  let pageToken = ''
  do {
    const page = await audit.listAuditEvents({ ...filters, pageToken })
    pages.push(page.auditEvents.map(({ id }) => id))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return pages
}

test('entries come newest first, chained or not yet, just as they were written', async () => {
  const project = await aProject('first')
  await chainAll(app.store.db)
  const entry = anEntry(project.projectId, {
    before: '{ "a": 1.0,\n"b": 12345678901234567890 }',
    after: undefined,
  })
  await recordAudit(app.store.db, [entry])
  const { auditEvents, nextPageToken } = await project.audit.listAuditEvents({})
  expect(nextPageToken).toBe('')
  expect(auditEvents.map(({ action, position }) => [action, position])).toEqual([
    ['job.updated', 0n],
    // Of one moment, and so in the order of their ids.
    ['api_key.created', 2n],
    ['project.created', 1n],
  ])
  const [newest, , oldest] = auditEvents
  expect(newest).toMatchObject({
    projectId: project.projectId,
    actor: 'system:test',
    resourceType: 'job',
    resourceId: 'a-job',
    before: entry.before,
    after: '',
    previousHash: '',
    hash: '',
  })
  expect(oldest).toMatchObject({
    previousHash: '0'.repeat(64),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
  expect((await project.audit.getAuditEvent({ auditEvent: newest!.id })).auditEvent).toEqual(newest)
  expect((await project.audit.getAuditEvent({ auditEvent: newest!.id.toUpperCase() })).auditEvent).toEqual(
    newest,
  )
})

test('a page has 50 entries where nothing else is asked for, and pages of any size go through all of them', async () => {
  const project = await aProject('pages')
  await record(app.store.db, project.projectId, 58)
  // Twenty of one instant, which only their ids tell apart.
  await tamper(
    app.store,
    `update audit_events set at = '2026-01-01T00:00:00.123Z' where id in (
       select id from audit_events where project_id = '${project.projectId}' order by id limit 20
     )`,
  )
  expect((await readPages(project, {})).map((page) => page.length)).toEqual([50, 10])
  const [all = []] = await readPages(project, { pageSize: 250 })
  expect(all).toHaveLength(60)
  for (const pageSize of [1, 7, 20, 59, 60])
    expect((await readPages(project, { pageSize })).flat()).toEqual(all)
})

test('filters must all hold', async () => {
  const project = await aProject('filters')
  const { db } = app.store
  const start = 1_790_000_000_000
  for (let nth = 0; nth < 6; nth++)
    await recordAudit(db, [
      anEntry(project.projectId, {
        actor: nth % 2 === 0 ? 'apikey:even' : 'apikey:odd',
        action: nth < 3 ? 'job.updated' : 'environment.deleted',
        resourceId: `r${nth}`,
      }),
    ])
  await tamper(
    app.store,
    `update audit_events set at = to_timestamp(${start / 1_000}) + substr(resource_id, 2)::int * interval '1 second'
     where project_id = '${project.projectId}' and resource_id like 'r_'`,
  )
  const found = async (filters: Filters) => {
    const { auditEvents } = await project.audit.listAuditEvents(filters)
    return auditEvents.map(({ resourceId }) => resourceId).filter((id) => id.startsWith('r'))
  }
  const at = (nth: number, ms = 0) => timestampFromMs(start + nth * 1_000 + ms)
  expect(await found({})).toEqual(['r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
  expect(await found({ actor: 'apikey:even' })).toEqual(['r4', 'r2', 'r0'])
  expect(await found({ action: 'job.updated' })).toEqual(['r2', 'r1', 'r0'])
  expect(await found({ resourceType: 'environment' })).toEqual(['r5', 'r4', 'r3'])
  expect(await found({ resourceId: 'r3' })).toEqual(['r3'])
  expect(await found({ from: at(2), until: at(4) })).toEqual(['r3', 'r2'])
  expect(await found({ from: at(2, 1), until: at(4, 1) })).toEqual(['r4', 'r3'])
  expect(await found({ from: { ...at(2), nanos: 1 }, until: { ...at(4), nanos: 1 } })).toEqual(['r4', 'r3'])
  expect(await found({ actor: 'apikey:odd', resourceType: 'job', from: at(0), until: at(9) })).toEqual(['r1'])
  expect(await found({ actor: 'apikey:odd', resourceId: 'r2' })).toEqual([])
  expect(await found({ until: timestampFromMs(Date.parse('9999-12-31T23:59:59.999Z')) })).toHaveLength(6)
  const last = { seconds: BigInt(Date.parse('9999-12-31T23:59:59Z') / 1_000), nanos: 999_999_999 }
  expect(await found({ until: last })).toHaveLength(6)
})

test('what cannot be asked for is refused, every fault at once', async () => {
  const { audit } = await aProject('refused')
  const fieldsOf = async (request: Filters) => (await refusalOf(audit.listAuditEvents(request))).fields
  expect(
    await fieldsOf({
      pageSize: 251,
      pageToken: 'x',
      actor: '',
      action: '\0',
      resourceType: 'x'.repeat(256),
      resourceId: '',
    }),
  ).toEqual(['actor', 'action', 'resource_type', 'resource_id', 'page_token', 'page_size'])
  expect(await fieldsOf({ pageSize: -1 })).toEqual(['page_size'])
  expect(
    await fieldsOf({ from: { seconds: 2n ** 62n, nanos: 0 }, until: { seconds: 0n, nanos: -1 } }),
  ).toEqual(['from', 'until'])
  expect(await fieldsOf({ from: timestampFromMs(2), until: timestampFromMs(1) })).toEqual(['until'])
})

test('a page token goes on under its own filters, in its own list, in its own project only', async () => {
  const [one, other] = [await aProject('tokens'), await aProject('other-tokens')]
  for (const { projectId } of [one, other]) await record(app.store.db, projectId, 4)
  const { nextPageToken: pageToken } = await one.audit.listAuditEvents({ pageSize: 1 })
  expect((await one.audit.listAuditEvents({ pageToken, pageSize: 2 })).auditEvents).toHaveLength(2)
  const refused = [
    one.audit.listAuditEvents({ pageToken, actor: 'system:test' }),
    one.audit.listAuditEvents({ pageToken, from: timestampFromMs(0) }),
    one.audit.listAuditEvents({ pageToken: `${pageToken}A` }),
    other.audit.listAuditEvents({ pageToken }),
  ]
  for (const call of refused)
    expect(await refusalOf(call)).toMatchObject({ reason: 'FIELD_INVALID', fields: ['page_token'] })
  // The same word under another filter is another list.
  const word = 'system:test'
  const { nextPageToken } = await one.audit.listAuditEvents({ pageSize: 1, actor: word })
  expect(
    await refusalOf(one.audit.listAuditEvents({ pageToken: nextPageToken, resourceId: word })),
  ).toMatchObject({
    fields: ['page_token'],
  })
  await app.keys.createApiKey({ apiKey: { name: 'x', scopes: [] } })
  const { nextPageToken: ofKeys } = await app.keys.listApiKeys({ pageSize: 1 })
  const mine = app.client(AuditService, app.store.apiKey)
  expect(await refusalOf(mine.listAuditEvents({ pageToken: ofKeys }))).toMatchObject({
    fields: ['page_token'],
  })
})

test("another project's entries are not there, and neither is what is no id", async () => {
  const [one, other] = [await aProject('mine'), await aProject('theirs')]
  await record(app.store.db, one.projectId, 1, () => ({ after: '"canary"' }))
  const [event] = (await one.audit.listAuditEvents({})).auditEvents
  const nobody = await refusalOf(other.audit.getAuditEvent({ auditEvent: newUuidv7() }))
  expect(nobody).toMatchObject({
    code: 'not_found',
    reason: 'AUDIT_EVENT_NOT_FOUND',
    fields: ['audit_event'],
  })
  for (const auditEvent of [event!.id, 'no id', '\0', '__proto__'])
    expect(await refusalOf(other.audit.getAuditEvent({ auditEvent }))).toEqual(nobody)
  expect(await refusalOf(other.audit.getAuditEvent({}))).toMatchObject({
    reason: 'FIELD_INVALID',
    fields: ['audit_event'],
  })
  for (const filters of [{}, { resourceId: 'a-job' }, { actor: 'system:test' }]) {
    const { auditEvents } = await other.audit.listAuditEvents(filters)
    expect(auditEvents.filter(({ projectId }) => projectId !== other.projectId)).toEqual([])
  }
  const { verified } = await other.audit.verifyAudit({})
  await chainAll(app.store.db)
  expect(verified).toBeLessThanOrEqual(2n)
  expect((await other.audit.verifyAudit({})).verified).toBe(2n)
})

test('a page ends at 8 MiB, and an entry that is larger is a page of its own', async () => {
  const project = await aProject('large')
  const { db } = app.store
  const text = (mebibytes: number) => JSON.stringify('x'.repeat(mebibytes * 1024 * 1024))
  await record(db, project.projectId, 3, () => ({ before: text(1), after: text(2) }))
  await record(db, project.projectId, 1, () => ({ before: text(4), after: text(5) }))
  await record(db, project.projectId, 2)
  const pages = await readPages(project, { pageSize: 250 })
  expect(pages.map((page) => page.length)).toEqual([2, 1, 2, 3])
})

test('a page of a long log costs what it answers, wherever it lies and whatever is asked for', async () => {
  const project = await aProject('long')
  const { db } = app.store
  for (let batch = 0; batch < 20; batch++)
    await recordAudit(
      db,
      Array.from({ length: 500 }, (_, nth) =>
        anEntry(project.projectId, { resourceId: `job-${nth % 100}`, actor: `apikey:${batch}` }),
      ),
    )
  await chainAll(db)
  await tamper(app.store, 'analyze audit_events')
  const everything: AuditFilter = readAuditFilter({}, [])
  const limit = 250
  const cost = async (filter: AuditFilter, after: { at: string; id: string } | undefined) =>
    db.transaction().execute(async (trx) => {
      const rowsRead = async () => {
        const { rows } = await sql<{ rows: number }>`
          select (coalesce(idx_tup_fetch, 0) + coalesce(seq_tup_read, 0))::int4 as rows
          from pg_stat_xact_user_tables where relid = 'audit_events'::regclass
        `.execute(trx)
        return rows[0]?.rows ?? 0
      }
      const before = await rowsRead()
      const page = await listAuditEvents(trx, project.projectId, { filter, after, limit, maxBytes: 2 ** 23 })
      return { ...page, read: (await rowsRead()) - before }
    })
  const readAll = async (filter: AuditFilter) => {
    const seen = new Set<string>()
    const costs: number[] = []
    let after: { at: string; id: string } | undefined
    do {
      const { events, next, read } = await cost(filter, after)
      for (const { id } of events) seen.add(id)
      costs.push(read)
      after = next
    } while (after !== undefined)
    return { entries: seen.size, dearest: Math.max(...costs), pages: costs.length }
  }
  expect(await readAll(everything)).toEqual({ entries: 10_002, dearest: limit + 1, pages: 41 })
  const rare = { ...everything, resourceId: 'job-7' }
  expect(await readAll(rare)).toEqual({ entries: 100, dearest: 100, pages: 1 })
  expect(await readAll({ ...everything, action: 'api_key.created' })).toMatchObject({
    entries: 1,
    dearest: 1,
  })
})

test('over REST: a list, an entry with its texts inline, and the verification', async () => {
  const project = await aProject('rest')
  await recordAudit(app.store.db, [anEntry(project.projectId, { before: undefined, after: '{"n": 1.0}' })])
  await chainAll(app.store.db)
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${project.apiKey}`, 'content-type': 'application/json' }
    const response = await fetch(`${app.baseUrl}${path}`, { ...init, headers })
    return { status: response.status, text: await response.text() }
  }
  const from = encodeURIComponent('2020-01-01T00:00:00Z')
  const list = await ask(`/v1/audit-events?page_size=1&actor=system:test&from=${from}`)
  expect(list.status).toBe(200)
  expect(list.text).toContain('"before":null,"after":{"n": 1.0}')
  const [entry] = JSON.parse(list.text).audit_events
  expect(entry).toMatchObject({ position: 3, action: 'job.updated' })
  expect(entry.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const [message] = (await project.audit.listAuditEvents({ actor: 'system:test' })).auditEvents
  expect(timestampDate(message!.at!).toISOString()).toBe(entry.at)
  const one = await ask(`/v1/audit-events/${entry.id}`)
  expect(one.text).toBe(list.text.slice('{"audit_events":['.length, list.text.indexOf('],"next_page_token"')))
  expect((await ask('/v1/audit-events/none')).status).toBe(404)
  const body = JSON.stringify({ from_position: 3, previous_hash: entry.previous_hash })
  expect(JSON.parse((await ask('/v1/audit-events/verify', { method: 'POST', body })).text)).toEqual({
    intact: true,
    verified: 1,
    broken_position: null,
    problem: '',
    hash: entry.hash,
    next_position: null,
  })
})
