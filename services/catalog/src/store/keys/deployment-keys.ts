// The keys of the deployment, which are bound to no project. Only the bootstrap command makes, lists and ends them: nobody who calls
// the API does, so that a key that leaked makes no others.

import { deploymentScope } from '@strait/contracts/scopes'
import { sql } from 'kysely'
import type { CatalogDb } from '../database.ts'

/** A key of the deployment, as it is now. */
export interface DeploymentKey {
  readonly id: string
  readonly name: string
  readonly expiresAt: Date | undefined
  readonly revokedAt: Date | undefined
  readonly createdAt: Date
}

/** Stores a key of the deployment. */
export async function insertDeploymentKey(
  db: CatalogDb,
  key: Pick<DeploymentKey, 'id' | 'name' | 'expiresAt'> & {
    readonly secretHash: Buffer
    readonly createdBy: string
  },
): Promise<void> {
  const { id, secretHash, name, expiresAt, createdBy } = key
  await sql`
    insert into api_keys (id, project_id, secret_hash, name, scopes, expires_at, created_by, updated_by)
    values (
      ${id}, null, ${secretHash}, ${name}, ${[deploymentScope]}::text[], ${expiresAt?.toISOString() ?? null},
      ${createdBy}, ${createdBy}
    )
  `.execute(db)
}

/** All keys of the deployment, newest first, ended ones among them. */
export async function listDeploymentKeys(db: CatalogDb): Promise<readonly DeploymentKey[]> {
  const rows = await db
    .selectFrom('api_keys')
    .select(['id', 'name', 'expires_at', 'revoked_at', 'created_at'])
    .where('project_id', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    createdAt: row.created_at,
  }))
}

/** Ends a key of the deployment for ever; false where there is none of this id. One that has ended stays as it is. */
export async function revokeDeploymentKey(db: CatalogDb, id: string, by: string): Promise<boolean> {
  const { rows } = await sql`
    with ended as (
      update api_keys
      set revoked_at = now(), revision = revision + 1, updated_by = ${by}, updated_at = now()
      where id = ${id} and project_id is null and revoked_at is null
    )
    select from api_keys where id = ${id} and project_id is null
  `.execute(db)
  return rows.length > 0
}
