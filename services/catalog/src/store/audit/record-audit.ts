// What was done goes into the audit log in the transaction of doing it: there is never one without the other. Its place in the chain is
// given to it later (chain-audit.ts), so that nobody's change waits for anybody else's.

import { newUuidv7 } from '@strait/domain/ids'
import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'

/** One change, as whoever makes it tells it. */
export interface AuditEntry {
  readonly projectId: string
  readonly actor: string
  /** A resource and a verb in the past: `job.updated`. What comes before the dot is the kind of the resource. */
  readonly action: `${string}.${string}`
  readonly resourceId: string
  /** JSON text without secrets; undefined for what was not there before, or is not there any more. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Records changes; `db` is the transaction that makes them. */
export async function recordAudit(db: CatalogDb, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return
  const column = (pick: (entry: AuditEntry) => string | undefined) =>
    entries.map((entry) => pick(entry) ?? null)
  await sql`
    insert into audit_events (id, project_id, actor, action, resource_type, resource_id, before, after)
    select * from unnest(
      ${entries.map(() => newUuidv7())}::uuid[], ${column((entry) => entry.projectId)}::uuid[],
      ${column((entry) => entry.actor)}::text[], ${column((entry) => entry.action)}::text[],
      ${column((entry) => entry.action.split('.', 1)[0])}::text[], ${column((entry) => entry.resourceId)}::text[],
      ${column((entry) => entry.before)}::text[], ${column((entry) => entry.after)}::text[]
    )
  `.execute(db)
}
