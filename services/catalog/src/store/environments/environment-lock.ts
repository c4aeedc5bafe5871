// Every change of a project's environments takes the project's row first, so that they come one after another: what one of them found
// out about parents, slugs and values still holds when it writes. It is not the lock that jobs meet who refer to a project, so nobody
// else waits. A process that dies in the middle leaves nothing, and Postgres frees the lock.

import { sql } from 'kysely'
import type { Parents } from '../../domain/environments/check-line.ts'
import type { CatalogDb } from '../database.ts'
import { findDataKey } from '../secrets/data-key.ts'
import type { MasterKey } from '../secrets/secret-box.ts'

/** A project whose environments nobody else changes, until the transaction `trx` ends. */
export interface LockedEnvironments {
  readonly trx: CatalogDb
  readonly projectId: string
  /** Seals and opens the variables. */
  readonly dataKey: Uint8Array
}

/** Does something while no other change of the project's environments is under way. */
export async function withEnvironmentsLocked<T>(
  db: CatalogDb,
  masterKey: MasterKey,
  projectId: string,
  work: (locked: LockedEnvironments) => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(async (trx) => {
    await sql`select from projects where id = ${projectId} for no key update`.execute(trx)
    return await work({ trx, projectId, dataKey: await findDataKey(trx, masterKey, projectId) })
  })
}

/** The parents of all environments of a project. */
export async function findParents({ trx, projectId }: LockedEnvironments): Promise<Parents> {
  const { rows } = await sql<{ id: string; parent_id: string | null }>`
    select id, parent_id from environments where project_id = ${projectId} and deleted_at is null
  `.execute(trx)
  return new Map(rows.map((row) => [row.id, row.parent_id]))
}
