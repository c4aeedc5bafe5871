// VerifyAudit finds what somebody with the whole database did to the log, and says where.

import type { Client } from '@connectrpc/connect'
import { AuditService } from '@strait/contracts/catalog/v1/audit_service_pb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { hashEvent } from '../src/domain/audit/hash-event.ts'
import { verifyAudit } from '../src/rpc/audit/verify-audit.ts'
import { findAuditEvent, readChain } from '../src/store/audit/find-audit.ts'
import { type AppBundle, openApp } from './app-bundle.ts'
import { chainAll, chainOf, record, tamper } from './audit-bundle.ts'
import { refusalOf } from './refusal.ts'

let app: AppBundle
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app[Symbol.asyncDispose]())

interface Log {
  readonly projectId: string
  readonly audit: Client<typeof AuditService>
}

let projects = 0

/** A project with ten chained entries, the bootstrap command's two among them. */
async function aLog(): Promise<Log> {
  const { database, masterKey, db } = app.store
  const made = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: `log-${++projects}` })
  await record(db, made.projectId, 8, (nth) => ({ after: `{"nth": ${nth}.0}` }))
  await chainAll(db)
  return { projectId: made.projectId, audit: app.client(AuditService, made.apiKey) }
}

const at = ({ projectId }: Log, position: number) => `project_id = '${projectId}' and position = ${position}`

test('an untouched log holds, whole and from any place on', async () => {
  const log = await aLog()
  const chain = await chainOf(app.store.db, log.projectId)
  const last = chain[9]!.hash
  expect(await log.audit.verifyAudit({})).toMatchObject({
    intact: true,
    verified: 10n,
    hash: last,
    problem: '',
  })
  expect(await log.audit.verifyAudit({})).not.toMatchObject({ nextPosition: expect.anything() })
  for (let from = 2; from <= 11; from++) {
    const previousHash = chain[from - 2]!.hash
    expect(await log.audit.verifyAudit({ fromPosition: BigInt(from), previousHash })).toMatchObject({
      intact: true,
      verified: BigInt(11 - from),
      hash: from === 11 ? '' : last,
    })
  }
})

test.each([
  ['id', 'id = gen_random_uuid()'],
  ['at', "at = at + interval '1 millisecond'"],
  ['actor', "actor = 'apikey:innocent'"],
  ['action', "action = 'job.created'"],
  ['resource_type', "resource_type = 'project'"],
  ['resource_id', "resource_id = 'another'"],
  ['before', 'before = null'],
  ['before, by a digit that changes no number', `before = '{"n": 1.00}'`],
  ['after', `after = '{"nth": 99}'`],
  ['after, by a space', "after = after || ' '"],
  ['previous_hash', "previous_hash = decode(repeat('ab', 32), 'hex')"],
  ['hash', "hash = decode(repeat('ab', 32), 'hex')"],
  ['position, moved to the end', 'position = 77'],
])('a change of %s is found just where it was made', async (_, change) => {
  const log = await aLog()
  await tamper(app.store, `update audit_events set ${change} where ${at(log, 6)}`)
  const answer = await log.audit.verifyAudit({})
  expect(answer).toMatchObject({ intact: false, brokenPosition: 6n, verified: 5n })
  expect(answer.problem).toMatch(/ at position 6/)
  expect(answer.hash).toBe((await chainOf(app.store.db, log.projectId))[4]?.hash)
})

test('an entry that was moved to another project leaves a gap, and does not fit where it went', async () => {
  const [one, other] = [await aLog(), await aLog()]
  await tamper(
    app.store,
    `update audit_events set project_id = '${other.projectId}', position = 11 where ${at(one, 10)}`,
    `update audit_events set project_id = '${other.projectId}', position = 12 where ${at(one, 3)}`,
  )
  expect(await one.audit.verifyAudit({})).toMatchObject({ intact: false, brokenPosition: 3n })
  expect(await other.audit.verifyAudit({})).toMatchObject({
    intact: false,
    brokenPosition: 11n,
    verified: 10n,
  })
})

test('an entry that was taken out, two that were exchanged, and one that was put in are found', async () => {
  const gap = await aLog()
  await tamper(app.store, `delete from audit_events where ${at(gap, 1)}`)
  expect(await gap.audit.verifyAudit({})).toMatchObject({ brokenPosition: 1n, verified: 0n, hash: '' })
  const exchanged = await aLog()
  await tamper(
    app.store,
    `update audit_events set position = 99 where ${at(exchanged, 4)}`,
    `update audit_events set position = 4 where ${at(exchanged, 5)}`,
    `update audit_events set position = 5 where ${at(exchanged, 99)}`,
  )
  expect(await exchanged.audit.verifyAudit({})).toMatchObject({ brokenPosition: 4n })
  const added = await aLog()
  await tamper(
    app.store,
    `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'position', 11))).*
     from audit_events e where ${at(added, 10)}`,
  )
  expect(await added.audit.verifyAudit({})).toMatchObject({ brokenPosition: 11n, verified: 10n })
})

test('an entry that was changed and hashed anew is betrayed by the one after it', async () => {
  const log = await aLog()
  const { db } = app.store
  const [, , , , , , row] = await chainOf(db, log.projectId)
  const event = await findAuditEvent(db, log.projectId, row!.id)
  const forged = hashEvent({ ...event!, after: 'null' })
  await tamper(
    app.store,
    `update audit_events set after = 'null', hash = decode('${forged}', 'hex') where ${at(log, 7)}`,
  )
  const { problem, ...answer } = await log.audit.verifyAudit({})
  expect(answer).toMatchObject({ intact: false, brokenPosition: 8n, verified: 7n })
  expect(problem).toBe('the entry at position 8 does not hold the hash of the one before')
})

test('entries cut off at the end, and a chain that was made anew, are seen by who remembers a hash', async () => {
  const log = await aLog()
  const { hash } = await log.audit.verifyAudit({})
  const remembered = { fromPosition: 11n, previousHash: hash }
  await tamper(app.store, `delete from audit_events where project_id = '${log.projectId}' and position > 8`)
  // By itself what is left holds.
  expect(await log.audit.verifyAudit({})).toMatchObject({ intact: true, verified: 8n })
  expect(await log.audit.verifyAudit(remembered)).toMatchObject({
    intact: false,
    brokenPosition: 10n,
    problem: 'there is no entry at position 10, whose hash was remembered',
  })
  await record(app.store.db, log.projectId, 4)
  await chainAll(app.store.db)
  expect(await log.audit.verifyAudit({})).toMatchObject({ intact: true, verified: 12n })
  expect(await log.audit.verifyAudit(remembered)).toMatchObject({
    intact: false,
    brokenPosition: 10n,
    problem: 'the entry at position 10 does not have the hash that was remembered',
  })
})

test('entries that are not chained yet are not counted', async () => {
  const log = await aLog()
  await tamper(
    app.store,
    `update audit_events set position = null, hash = null, previous_hash = null, written = pg_current_xact_id()
     where project_id = '${log.projectId}' and position > 8`,
  )
  // The chainer of the app is at work: they are chained again sooner or later, just as they were.
  const { intact, verified } = await log.audit.verifyAudit({})
  expect([intact, verified === 8n || verified === 10n]).toEqual([true, true])
  await chainAll(app.store.db)
  expect(await log.audit.verifyAudit({})).toMatchObject({ intact: true, verified: 10n })
})

test('a long log is verified in calls that go on where the one before ended', async () => {
  const { db } = app.store
  const log = await aLog()
  const call = { caller: { projectId: log.projectId }, signal: new AbortController().signal }
  const verify = verifyAudit({ db, bounds: { maxEntries: 4, maxBytes: 1_000_000 } })
  const ask = (fromPosition: bigint, previousHash: string) =>
    verify({ fromPosition, previousHash } as never, call as never)
  const first = await ask(0n, '')
  expect(first).toMatchObject({ intact: true, verified: 4n, nextPosition: 5n })
  const second = await ask(5n, first.hash)
  expect(second).toMatchObject({ intact: true, verified: 4n, nextPosition: 9n })
  const third = await ask(9n, second.hash)
  expect(third).toMatchObject({ intact: true, verified: 2n })
  expect(third).not.toHaveProperty('nextPosition')
  const whole = await log.audit.verifyAudit({})
  expect(third.hash).toBe(whole.hash)
  // A gap just behind the end of a call is found by the next one.
  await tamper(app.store, `delete from audit_events where ${at(log, 9)}`)
  expect(await ask(5n, first.hash)).toMatchObject({ intact: true, nextPosition: 9n })
  expect(await ask(9n, second.hash)).toMatchObject({ intact: false, brokenPosition: 9n })
})

test('a caller who went away is not computed for', async () => {
  const log = await aLog()
  const call = { caller: { projectId: log.projectId }, signal: AbortSignal.abort() }
  const asked = verifyAudit({ db: app.store.db })(
    { fromPosition: 0n, previousHash: '' } as never,
    call as never,
  )
  await expect(asked).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' })
})

test('a page is bounded by bytes, and the whole log is verified all the same', async () => {
  const log = await aLog()
  const { db } = app.store
  const large = JSON.stringify('x'.repeat(1_500_000))
  await record(db, log.projectId, 8, () => ({ before: large, after: large }))
  await chainAll(db)
  const bounds = { from: 1, limit: 1_000, maxBytes: 8 * 1024 * 1024 }
  const page = await readChain(db, log.projectId, bounds)
  expect(page).toMatchObject({ events: { length: 12 }, more: true })
  expect(await log.audit.verifyAudit({})).toMatchObject({ intact: true, verified: 18n })
})

test('what is no position and no hash is refused, every fault at once', async () => {
  const { audit } = await aLog()
  const fieldsOf = async (request: Parameters<typeof audit.verifyAudit>[0]) =>
    (await refusalOf(audit.verifyAudit(request))).fields
  expect(await fieldsOf({ fromPosition: -1n, previousHash: 'x' })).toEqual(['from_position', 'previous_hash'])
  expect(await fieldsOf({ fromPosition: 2n ** 62n })).toEqual(['from_position'])
  expect(await fieldsOf({ fromPosition: 2n, previousHash: 'A'.repeat(64) })).toEqual(['previous_hash'])
  expect(await fieldsOf({ previousHash: 'a'.repeat(64) })).toEqual(['previous_hash'])
})
