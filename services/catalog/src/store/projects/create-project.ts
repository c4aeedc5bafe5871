// A project that somebody asked for, with its first key if they want one: both or none. Dying before the commit leaves nothing; dying
// after it leaves a project whose key's text nobody has, and which a deployment's key finds by its slug.

import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { NewApiKeyFields } from '../../domain/keys/check-new-api-key.ts'
import type { Project } from '../../domain/projects/project.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { insertApiKey } from '../keys/api-keys.ts'
import { insertProjectIfSlugIsFree, type ProjectToInsert } from './insert-project.ts'

/** The first key of a project. */
export type FirstKey = NewApiKeyFields & { readonly id: string; readonly secretHash: Buffer }

/** Stores a project unless its slug is taken; answers what was stored, or undefined. */
export async function createProjectIfSlugIsFree(
  db: CatalogDb,
  project: ProjectToInsert,
  firstKey: FirstKey | undefined,
): Promise<{ readonly project: Project; readonly key: ApiKeyRecord | undefined } | undefined> {
  return db.transaction().execute(async (trx) => {
    const stored = await insertProjectIfSlugIsFree(trx, project)
    if (stored === undefined) return undefined
    if (firstKey === undefined) return { project: stored, key: undefined }
    const { id: projectId, createdBy } = project
    const key = await insertApiKey(trx, { ...firstKey, projectId, createdBy })
    const after = JSON.stringify({ name: key.name, scopes: key.scopes, expires_at: null })
    await recordAudit(trx, [
      {
        projectId,
        actor: createdBy,
        action: 'api_key.created',
        resourceId: key.id,
        before: undefined,
        after,
      },
    ])
    return { project: stored, key }
  })
}
