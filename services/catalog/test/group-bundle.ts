import { sql } from 'kysely'
import type { AppBundle } from './app-bundle.ts'

/** A group that was made, or an error. */
export async function makeGroup(app: AppBundle, name: string) {
  const { jobGroup } = await app.groups.createJobGroup({ jobGroup: { name } })
  if (jobGroup === undefined) throw new Error('the answer has no job group')
  return jobGroup
}

/** What was recorded of a thing in the audit log, in the order of recording. */
export async function auditOf(app: AppBundle, resourceId: string) {
  const { rows } = await sql<{
    action: string
    actor: string
    resource_type: string
    before: string | null
    after: string | null
  }>`
    select action, actor, resource_type, before, after from audit_events where resource_id = ${resourceId} order by at, id
  `.execute(app.store.db)
  return rows.map(({ before, after, ...row }) => ({
    ...row,
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
  }))
}

/** A row as it is stored, with the transaction that wrote it. */
export async function rowOf(app: AppBundle, table: string, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ row: string }>`
    select t::text || xmin as row from ${sql.table(table)} t where id = ${id}
  `.execute(app.store.db)
  return rows[0]?.row
}
