import type { CatalogDb } from '../database.ts'
import { type MasterKey, openDataKey } from './secret-box.ts'

/** The key that a project's secrets are sealed with. */
export async function findDataKey(db: CatalogDb, masterKey: MasterKey, projectId: string): Promise<Buffer> {
  const { data_key: sealed } = await db
    .selectFrom('projects')
    .select('data_key')
    .where('id', '=', projectId)
    .executeTakeFirstOrThrow()
  return openDataKey(masterKey, projectId, sealed)
}
