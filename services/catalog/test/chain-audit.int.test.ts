// How entries of the audit log become a chain: in order, once, whatever goes on beside it.

import { newUuidv7 } from '@strait/domain/ids'
import { collectLog } from '@strait/testkit/collect-log'
import { freePort } from '@strait/testkit/free-port'
import { settled } from '@strait/testkit/settled'
import { waitFor } from '@strait/testkit/wait-for'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap } from '../src/bootstrap.ts'
import { hashBeforeFirst } from '../src/domain/audit/hash-event.ts'
import { createAuditChainer } from '../src/loops/chain-audit.ts'
import { chainAudit, measureUnchained } from '../src/store/audit/chain-audit.ts'
import { recordAudit } from '../src/store/audit/record-audit.ts'
import { anEntry, chainAll, chainOf, manyAtOnce, openTransaction, record, tamper } from './audit-bundle.ts'
import { aStore, startCatalog } from './spawned-catalog.ts'

const quiet = { auditWaiting: () => undefined }

function expectChain(chain: Awaited<ReturnType<typeof chainOf>>, length: number): void {
  expect(chain.map(({ position }) => position)).toEqual(Array.from({ length }, (_, index) => index + 1))
  expect(chain.map((entry) => entry.previous_hash)).toEqual([
    hashBeforeFirst,
    ...chain.slice(0, -1).map(({ hash }) => hash),
  ])
}

test('entries of a project are chained in the order of their transactions, each project by itself', async () => {
  const { db, projectId, database, masterKey } = await aStore()
  const other = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'other' })
  for (let nth = 1; nth <= 5; nth++)
    await recordAudit(db, [
      anEntry(projectId, { after: `{"nth":${nth}}` }),
      anEntry(other.projectId, { after: `{"nth":${nth}}` }),
    ])
  await chainAll(db)
  for (const project of [projectId, other.projectId]) {
    const chain = await chainOf(db, project)
    // The project and its key come first: the bootstrap command recorded them.
    expectChain(chain, 7)
    expect(chain.slice(2).map(({ after }) => JSON.parse(after).nth)).toEqual([1, 2, 3, 4, 5])
  }
})

test('three chainers and writers side by side make one chain, without a gap and without a double', async () => {
  const store = await aStore()
  const { db, projectId } = store
  const { log, lines } = collectLog()
  const chainers = [1, 2, 3].map(() => createAuditChainer({ db, log, events: quiet, intervalMs: 10 }))
  await Promise.all(chainers.map((chainer) => chainer.start()))
  onTestFinished(async () => {
    await Promise.all(chainers.map((chainer) => chainer.stop()))
  })
  const writers = 6
  const each = 60
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let nth = 0; nth < each; nth++) {
        await db.transaction().execute(async (trx) => {
          await recordAudit(trx, [anEntry(projectId, { resourceId: `${writer}`, after: `${nth}` })])
          // Some are open for longer than others, so that they commit in another order than they began.
          if (nth % 5 === writer % 5) await sql`select pg_sleep(0.003)`.execute(trx)
        })
        chainers[nth % 3]?.nudge()
      }
    }),
  )
  await waitFor(async () => (await measureUnchained(db)).entries === 0, { what: 'every entry to be chained' })
  expect(lines).toEqual([])
  const chain = await chainOf(db, projectId)
  expectChain(chain, writers * each + 2)
  const { rows } = await sql<{ writer: string; order: string[] }>`
    select resource_id as writer, array_agg(after order by position) as order
    from audit_events where action = 'job.updated' group by resource_id
  `.execute(db)
  expect(rows).toHaveLength(writers)
  for (const { order } of rows) expect(order).toEqual(Array.from({ length: each }, (_, nth) => String(nth)))
})

test('what was written after a transaction that is still open waits for it, and comes after it', async () => {
  const store = await aStore()
  const { db, projectId } = store
  await chainAll(db)
  const early = await openTransaction(store)
  await early.query(
    `insert into audit_events (id, project_id, actor, action, resource_type, resource_id, after)
     values ($1, $2, 'system:test', 'job.updated', 'job', 'j', '"early"')`,
    [newUuidv7(), projectId],
  )
  await record(db, projectId, 1, () => ({ after: '"late"' }))
  expect(await chainAudit(db, projectId, manyAtOnce)).toEqual({ chained: 0, more: false })
  expect((await measureUnchained(db)).entries).toBe(1)
  await early.end()
  await chainAll(db)
  expect((await chainOf(db, projectId)).slice(2).map(({ after }) => after)).toEqual(['"early"', '"late"'])
})

test('a chainer that dies before its commit leaves the entries as they were, for the next one', async () => {
  const store = await aStore()
  const { db, projectId } = store
  await record(db, projectId, 3)
  await settled(store.database.url)
  // It stops at its update, behind a row that somebody holds, and its connection is ended there.
  const holder = await openTransaction(store)
  await holder.query('select from audit_events where project_id = $1 for update', [projectId])
  const died = chainAudit(db, projectId, manyAtOnce).then(
    () => 'it went on',
    (error: Error) => error.message,
  )
  const ended = await waitFor(
    async () => {
      // Within a transaction what others do is seen as it was at the first look.
      await holder.query('select pg_stat_clear_snapshot()')
      const { rows } = await holder.query(
        `select pg_terminate_backend(pid) as ended from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%update audit_events%'`,
      )
      return rows[0]?.ended
    },
    { what: 'the chainer to wait for the row' },
  )
  expect(ended).toBe(true)
  expect(await died).toMatch(/terminat/)
  await holder.end()
  expect(await chainOf(db, projectId)).toEqual([])
  await chainAll(db)
  expectChain(await chainOf(db, projectId), 5)
})

test('while one chains a project, another does not wait for it', async () => {
  const store = await aStore()
  const { db, projectId } = store
  await record(db, projectId, 3)
  await settled(store.database.url)
  const holder = await openTransaction(store)
  await holder.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`strait.audit ${projectId}`])
  expect(await chainAudit(db, projectId, manyAtOnce)).toEqual({ chained: 0, more: false })
  await holder.end()
  expect(await chainAudit(db, projectId, manyAtOnce)).toEqual({ chained: 5, more: false })
  expectChain(await chainOf(db, projectId), 5)
})

test('a backlog is chained in batches that are bounded by number and by bytes', async () => {
  const { db, projectId, database } = await aStore()
  await chainAll(db)
  const large = JSON.stringify('x'.repeat(100_000))
  await record(db, projectId, 10, () => ({ after: large }))
  const batch = (maxEntries: number, maxBytes: number) => chainAudit(db, projectId, { maxEntries, maxBytes })
  await settled(database.url)
  expect(await batch(4, 1_000_000)).toEqual({ chained: 4, more: true })
  // Two fit, and of what does not fit at all there is always one.
  expect(await batch(100, 250_000)).toEqual({ chained: 2, more: true })
  expect(await batch(100, 10)).toEqual({ chained: 1, more: true })
  expect(await batch(3, 1_000_000)).toEqual({ chained: 3, more: false })
  expectChain(await chainOf(db, projectId), 12)
})

test('one turn goes on until nothing waits, and one broken log does not keep the others from theirs', async () => {
  const store = await aStore()
  const { db, projectId, database, masterKey } = store
  const other = await bootstrap({ databaseUrl: database.url, masterKey, projectSlug: 'other' })
  await chainAll(db)
  await record(db, other.projectId, 3)
  await recordAudit(
    db,
    Array.from({ length: 1_100 }, () => anEntry(projectId)),
  )
  // A row that was tampered with so that no later one can be placed.
  await tamper(
    store,
    `update audit_events set position = 9223372036854775807 where project_id = '${other.projectId}' and position = 2`,
  )
  const seen: number[] = []
  const { log, lines } = collectLog()
  const auditWaiting = (entries: number) => seen.push(entries)
  const chainer = createAuditChainer({ db, log, events: { auditWaiting }, intervalMs: 20 })
  await chainer.start()
  onTestFinished(() => chainer.stop())
  await waitFor(async () => (await chainOf(db, projectId)).length === 1_102, { what: 'the whole log' })
  await waitFor(() => lines.length > 0, { what: 'the failure to be said' })
  expect(lines[0]).toMatchObject({ level: 'warn', about: { loop: 'chain-audit' } })
  expect(Math.max(...seen)).toBe(1_103)
  await waitFor(() => seen.at(-1) === 3, { what: 'only the broken log to wait' })
})

test('what waits is counted with how long it has waited', async () => {
  const store = await aStore()
  await chainAll(store.db)
  expect(await measureUnchained(store.db)).toEqual({ entries: 0, oldestSecs: 0 })
  await record(store.db, store.projectId, 2)
  await tamper(store, "update audit_events set at = at - interval '1 minute' where position is null")
  const { entries, oldestSecs } = await measureUnchained(store.db)
  expect(entries).toBe(2)
  expect(oldestSecs).toBeGreaterThan(59)
  expect(oldestSecs).toBeLessThan(120)
})

test('a chainer that is held up is seen from outside, and so is that it goes on', async () => {
  const store = await aStore()
  const early = await openTransaction(store)
  await early.query('select pg_current_xact_id()')
  await record(store.db, store.projectId, 3)
  await tamper(store, "update audit_events set at = at - interval '1 hour' where resource_id = 'a-job'")
  const opsPort = String(await freePort())
  await startCatalog(store, { CATALOG_AUDIT_CHAIN_MS: '20', OPS_PORT: opsPort })
  const read = async (name: string) => {
    const text = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()
    return Number(new RegExp(`^strait_catalog_audit_${name}(?:\\{[^}]*\\})? (.*)$`, 'm').exec(text)?.[1])
  }
  await waitFor(async () => (await read('unchained')) >= 3, { what: 'the entries to be counted' })
  expect(await read('oldest_unchained_seconds')).toBeGreaterThan(3_599)
  await early.end()
  await waitFor(async () => (await read('unchained')) === 0, { what: 'nothing to wait', timeoutMs: 20_000 })
  expect(await read('oldest_unchained_seconds')).toBe(0)
})

test('entries that came with a dump from another cluster are chained too', async () => {
  const store = await aStore()
  const { db, projectId } = store
  await record(db, projectId, 2)
  await tamper(store, "update audit_events set written = '9000000000000000000' where resource_id = 'a-job'")
  await record(db, projectId, 1, () => ({ after: '"new"' }))
  await chainAll(db)
  expectChain(await chainOf(db, projectId), 5)
})

test('the database refuses every change of an entry but its being chained, once', async () => {
  const { db, projectId } = await aStore()
  await chainAll(db)
  await record(db, projectId, 1)
  const outcomeOf = (statement: string) =>
    sql
      .raw(statement)
      .execute(db)
      .then(
        () => 'allowed',
        (error: Error) => error.message,
      )
  const never = 'an entry of the audit log never changes'
  const columns = [
    'id',
    'project_id',
    'at',
    'actor',
    'action',
    'resource_type',
    'resource_id',
    'before',
    'after',
    'written',
    'position',
    'previous_hash',
    'hash',
  ]
  for (const column of columns) {
    // Chained or not, and even where nothing would be another value.
    expect(await outcomeOf(`update audit_events set ${column} = ${column} where position = 1`), column).toBe(
      never,
    )
    expect(
      await outcomeOf(`update audit_events set ${column} = ${column} where position is null`),
      column,
    ).toBe(never)
  }
  const place =
    "position = 9, previous_hash = decode(repeat('00', 32), 'hex'), hash = decode(repeat('00', 32), 'hex')"
  expect(await outcomeOf(`update audit_events set ${place}, actor = 'me' where position is null`)).toBe(never)
  expect(await outcomeOf('update audit_events set position = 9 where position is null')).toContain(
    'an_audit_event_is_chained_whole',
  )
  expect(
    await outcomeOf(`update audit_events set ${place.replace('= 9', '= 0')} where position is null`),
  ).toContain('places_in_the_audit_log_count_from_1')
  for (const change of ['delete from audit_events', 'truncate audit_events', 'truncate projects cascade'])
    expect(await outcomeOf(change)).toBe(never)
  expect(
    await outcomeOf(
      `insert into audit_events select (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'position', 50))).*
       from audit_events e where position = 1`,
    ),
  ).toBe('an entry of the audit log gets its place by being chained')
  expect(
    await outcomeOf(`update audit_events set ${place.replace('= 9', '= 3')} where position is null`),
  ).toBe('allowed')
  expect(await outcomeOf(`update audit_events set ${place.replace('= 9', '= 3')} where position = 3`)).toBe(
    never,
  )
})
