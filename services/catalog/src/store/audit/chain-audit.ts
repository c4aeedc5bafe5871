// Gives entries of the audit log their places and hashes, after the changes that wrote them: no change waits for another one's.
//
// Only settled entries are taken, those whose transaction lies below every open one, in (written, id) order: nothing can appear before
// what was chained. Who chains holds the project's lock until its commit, so of several catalogs one at a time does, and reads the end
// of the chain only once it has the lock. Dying anywhere before the commit leaves the entries as they were, for the next turn.
//
// After a dump is restored into another cluster, transaction ids begin anew, and entries may carry one that no transaction here ever had.
// An entry that is seen and lies above all transactions is such a one; it is settled too.

import { oldestOpenXid } from '@strait/postgres/xid-cursor'
import { sql } from 'kysely'
import type { AuditEvent } from '../../domain/audit/audit-event.ts'
import { chainEvents, emptyChain } from '../../domain/audit/chain.ts'
import type { CatalogDb } from '../database.ts'
import { type AuditRow, readAuditPage, toAuditEvent } from './audit-row.ts'

/** How much is chained in one transaction. */
export interface ChainBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

const isSettled = sql`(written < ${oldestOpenXid} or written >= pg_snapshot_xmax(pg_current_snapshot()))`

/** At most so many projects with entries that are not chained. It costs one step of an index for each of them, however many entries. */
export async function findProjectsToChain(db: CatalogDb, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ project_id: string }>`
    with recursive waiting (project_id) as (
      (select project_id from audit_events where position is null order by project_id limit 1)
      union all
      select (
        select e.project_id from audit_events e
        where e.position is null and e.project_id > waiting.project_id order by e.project_id limit 1
      )
      from waiting where waiting.project_id is not null
    )
    select project_id from waiting where project_id is not null limit ${limit}
  `.execute(db)
  return rows.map((row) => row.project_id)
}

/** Chains what is settled of a project, within bounds; nothing where somebody else is doing so. */
export async function chainAudit(
  db: CatalogDb,
  projectId: string,
  { maxEntries: limit, maxBytes }: ChainBounds,
): Promise<{ readonly chained: number; readonly more: boolean }> {
  return db.transaction().execute(async (trx) => {
    if (!(await tryLockChain(trx, projectId))) return { chained: 0, more: false }
    const where = sql`project_id = ${projectId} and position is null and ${isSettled}`
    const page = await readAuditPage(trx, { where, order: sql`written, id`, limit, maxBytes })
    if (page.rows.length === 0) return { chained: 0, more: false }
    const chained = chainEvents(await findChainEnd(trx, projectId), page.rows.map(toAuditEvent))
    await writeChained(trx, chained)
    return { chained: chained.length, more: page.more }
  })
}

/** What waits to be chained, as far as it is counted, and for how many seconds it has. */
export async function measureUnchained(
  db: CatalogDb,
): Promise<{ readonly entries: number; readonly oldestSecs: number }> {
  const { rows } = await sql<{ entries: number; oldest_secs: number }>`
    select
      count(*)::int4 as entries,
      coalesce(greatest(extract(epoch from clock_timestamp() - min(at)), 0), 0)::float8 as oldest_secs
    from (select at from audit_events where position is null order by written limit ${maxCounted}) as waiting
  `.execute(db)
  return { entries: rows[0]?.entries ?? 0, oldestSecs: rows[0]?.oldest_secs ?? 0 }
}

/** The most entries that are counted: a measure must not cost more than what it measures. */
const maxCounted = 10_000

// A lock of its own rather than the project's row: entries refer to that row, and whoever writes one would wait.
async function tryLockChain(trx: CatalogDb, projectId: string): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`strait.audit ${projectId}`}, 0)) as locked
  `.execute(trx)
  return rows[0]?.locked === true
}

async function findChainEnd(trx: CatalogDb, projectId: string) {
  const { rows } = await sql<Pick<AuditRow, 'position' | 'hash'>>`
    select position, hash from audit_events
    where project_id = ${projectId} and position is not null
    order by position desc limit 1
  `.execute(trx)
  const [last] = rows
  if (last === undefined || last.hash === null) return emptyChain
  return { position: Number(last.position), hash: last.hash.toString('hex') }
}

async function writeChained(trx: CatalogDb, events: readonly AuditEvent[]): Promise<void> {
  const { numAffectedRows } = await sql`
    update audit_events as e
    set position = c.position, previous_hash = decode(c.previous_hash, 'hex'), hash = decode(c.hash, 'hex')
    from unnest(
      ${events.map((event) => event.id)}::uuid[], ${events.map((event) => event.position)}::bigint[],
      ${events.map((event) => event.previousHash)}::text[], ${events.map((event) => event.hash)}::text[]
    ) as c (id, position, previous_hash, hash)
    where e.id = c.id and e.position is null
  `.execute(trx)
  // Under the lock nobody else chains. A chain with a hole must not be committed, whatever made it.
  if (numAffectedRows !== BigInt(events.length))
    throw new Error(`${numAffectedRows} of ${events.length} entries of the audit log could be chained`)
}
