// The audit log as its project sees it: the project is in every look-up. A page begins after a place, so that entries that are written
// meanwhile move nothing; one that commits late with an earlier time may come to stand on a page that was read.

import { sql } from 'kysely'
import type { AuditEvent } from '../../domain/audit/audit-event.ts'
import type { AuditFilter } from '../../domain/audit/check-list-audit.ts'
import type { CatalogDb } from '../database.ts'
import { type AuditRow, auditColumns, readAuditPage, toAuditEvent } from './audit-row.ts'

/** An entry of a project by its id, a UUID; undefined where the project has no such entry. */
export async function findAuditEvent(
  db: CatalogDb,
  projectId: string,
  id: string,
): Promise<AuditEvent | undefined> {
  const { rows } = await sql<AuditRow>`
    select ${auditColumns} from audit_events where id = ${id} and project_id = ${projectId}
  `.execute(db)
  return rows[0] && toAuditEvent(rows[0])
}

/** The last entry of a page. */
export type AuditPlace = Pick<AuditEvent, 'at' | 'id'>

/** Reads a page of a project's entries, newest first: those that pass the filter, after a place or from the newest one. */
export async function listAuditEvents(
  db: CatalogDb,
  projectId: string,
  {
    filter,
    after,
    ...bounds
  }: {
    readonly filter: AuditFilter
    readonly after: AuditPlace | undefined
    readonly limit: number
    readonly maxBytes: number
  },
): Promise<{ readonly events: readonly AuditEvent[]; readonly next: AuditPlace | undefined }> {
  const conditions = [sql`project_id = ${projectId}`]
  if (after !== undefined) conditions.push(sql`(at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`)
  if (filter.actor !== undefined) conditions.push(sql`actor = ${filter.actor}`)
  if (filter.action !== undefined) conditions.push(sql`action = ${filter.action}`)
  if (filter.resourceType !== undefined) conditions.push(sql`resource_type = ${filter.resourceType}`)
  if (filter.resourceId !== undefined) conditions.push(sql`resource_id = ${filter.resourceId}`)
  if (filter.from !== undefined) conditions.push(sql`at >= ${timeText(filter.from)}::timestamptz`)
  if (filter.until !== undefined) conditions.push(sql`at < ${timeText(filter.until)}::timestamptz`)
  const where = sql.join(conditions, sql` and `)
  const { rows, more } = await readAuditPage(db, { where, order: sql`at desc, id desc`, ...bounds })
  const events = rows.map(toAuditEvent)
  return { events, next: more ? events.at(-1) : undefined }
}

// The years beyond 9999, which rounding up may reach, are spelt with a sign that Postgres does not read; no entry is from then.
function timeText(at: Date): string {
  const text = at.toISOString()
  return text.startsWith('+') ? 'infinity' : text
}

/** Reads the chain of a project from a position on, in its order. Entries that are not chained have no position. */
export async function readChain(
  db: CatalogDb,
  projectId: string,
  { from, ...bounds }: { readonly from: number; readonly limit: number; readonly maxBytes: number },
): Promise<{ readonly events: readonly AuditEvent[]; readonly more: boolean }> {
  const where = sql`project_id = ${projectId} and position >= ${from}`
  const { rows, more } = await readAuditPage(db, { where, order: sql`position`, ...bounds })
  return { events: rows.map(toAuditEvent), more }
}

/** The hash that the entry at a position has; undefined where there is none. */
export async function findHashAt(
  db: CatalogDb,
  projectId: string,
  position: number,
): Promise<string | undefined> {
  const { rows } = await sql<{ hash: Buffer }>`
    select hash from audit_events where project_id = ${projectId} and position = ${position}
  `.execute(db)
  return rows[0]?.hash.toString('hex')
}
