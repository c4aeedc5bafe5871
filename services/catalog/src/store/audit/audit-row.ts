// How entries of the audit log are read, in one shape for every statement, and never more of them at once than fit a bound of bytes:
// each may be some mebibytes large.

import { type RawBuilder, sql } from 'kysely'
import type { AuditEvent } from '../../domain/audit/audit-event.ts'

/** A row as `auditColumns` selects it. */
export interface AuditRow {
  id: string
  project_id: string
  at: Date
  actor: string
  action: string
  resource_type: string
  resource_id: string
  before: string | null
  after: string | null
  position: bigint | null
  previous_hash: Buffer | null
  hash: Buffer | null
}

/** The columns of an AuditRow. */
export const auditColumns = sql`
  id, project_id, at, actor, action, resource_type, resource_id, before, after, position, previous_hash, hash
`

/** The rows that a statement answered within its bounds. */
export interface AuditPage {
  readonly rows: readonly AuditRow[]
  /** Whether it found more. */
  readonly more: boolean
}

// What an entry costs beside its two texts, generously.
const otherBytes = 512

/**
 * The first rows of those that `where` lets pass, in an order: at most `limit`, and no more than fit `maxBytes`; a first row larger than
 * that is answered alone. How large a text is costs no reading of it.
 */
export async function readAuditPage(
  db: Parameters<RawBuilder<unknown>['execute']>[0],
  options: {
    readonly where: RawBuilder<unknown>
    readonly order: RawBuilder<unknown>
    readonly limit: number
    readonly maxBytes: number
  },
): Promise<AuditPage> {
  const { where, order, limit, maxBytes } = options
  const { rows } = await sql<AuditRow & { found: number }>`
    select ${auditColumns}, found
    from (
      select
        *,
        row_number() over so_far as nth,
        sum(${otherBytes} + coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0)) over so_far as bytes,
        (count(*) over ())::int4 as found
      from (select * from audit_events where ${where} order by ${order} limit ${limit + 1}) as page
      window so_far as (order by ${order} rows unbounded preceding)
    ) as measured
    where nth <= ${limit} and (nth = 1 or bytes <= ${maxBytes})
    order by nth
  `.execute(db)
  return { rows, more: (rows[0]?.found ?? 0) > rows.length }
}

/** Reads a row. */
export function toAuditEvent(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    projectId: row.project_id,
    position: Number(row.position ?? 0),
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    before: row.before ?? undefined,
    after: row.after ?? undefined,
    previousHash: row.previous_hash?.toString('hex') ?? '',
    hash: row.hash?.toString('hex') ?? '',
  }
}
