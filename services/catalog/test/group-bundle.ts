import { sql } from 'kysely'
import type { AppBundle } from './app-bundle.ts'

/** A group that was made, or an error. */
export async function makeGroup(app: AppBundle, name: string) {
  const { jobGroup } = await app.groups.createJobGroup({ jobGroup: { name } })
  if (jobGroup === undefined) throw new Error('the answer has no job group')
  return jobGroup
}

/** A row as it is stored, with the transaction that wrote it. */
export async function rowOf(app: AppBundle, table: string, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ row: string }>`
    select t::text || xmin as row from ${sql.table(table)} t where id = ${id}
  `.execute(app.store.db)
  return rows[0]?.row
}
