import { sql } from 'kysely'

/** What every change of a group's or a project's row sets besides what it changes: its revision, who, when, and that followers find it. */
export function written(by: string) {
  return sql`revision = revision + 1, changed = pg_current_xact_id(), updated_by = ${by}, updated_at = now()`
}
