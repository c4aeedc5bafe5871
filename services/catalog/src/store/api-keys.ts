// API keys: verified in batches by their public part, then compared in constant time. A key that is not valid is
// undefined, whatever is wrong with it.

import { isSecretOf, parseApiKey } from '../domain/api-key.ts'
import type { CatalogDb } from './database.ts'

/** Whose a key is. */
export interface VerifiedKey {
  readonly keyId: string
  readonly projectId: string
}

/** Answers in the order of the keys. */
export async function verifyApiKeys(
  db: CatalogDb,
  texts: readonly string[],
): Promise<readonly (VerifiedKey | undefined)[]> {
  const keys = texts.map(parseApiKey)
  const ids = [...new Set(keys.flatMap((key) => (key === undefined ? [] : [key.id])))]
  if (ids.length === 0) return texts.map(() => undefined)
  const rows = await db
    .selectFrom('api_keys')
    .select(['id', 'project_id', 'secret_hash'])
    .where('id', 'in', ids)
    .execute()
  const stored = new Map(rows.map((row) => [row.id, row]))
  return keys.map((key) => {
    const row = key === undefined ? undefined : stored.get(key.id)
    if (key === undefined || row === undefined || !isSecretOf(key.secret, row.secret_hash)) return undefined
    return { keyId: row.id, projectId: row.project_id }
  })
}

/** Stores a key of a project. */
export async function insertApiKey(
  db: CatalogDb,
  key: {
    readonly id: string
    readonly projectId: string
    readonly secretHash: Buffer
    readonly name: string
    readonly createdBy: string
  },
): Promise<void> {
  const { id, projectId, secretHash, name, createdBy } = key
  await db
    .insertInto('api_keys')
    .values({ id, project_id: projectId, secret_hash: secretHash, name, created_by: createdBy })
    .execute()
}
