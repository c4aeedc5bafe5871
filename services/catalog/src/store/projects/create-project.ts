// A project that somebody asked for, with its first key if they want one: both or none. Dying before the commit leaves nothing; dying
// after it leaves a project whose key's text nobody has, and which a deployment's key finds by its slug.

import type { ApiKeyRecord } from '../../domain/keys/api-key-record.ts'
import type { NewApiKeyFields } from '../../domain/keys/check-new-api-key.ts'
import type { Project } from '../../domain/projects/project.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'
import { insertApiKey } from '../keys/api-keys.ts'
import { insertProjectIfSlugIsFree, type ProjectToInsert } from './insert-project.ts'

/** The first key of a project. */
export type FirstKey = NewApiKeyFields & {
  readonly id: string
  readonly secretHash: Buffer
  /** What the audit log says of it. */
  readonly audit: (key: ApiKeyRecord) => AuditEntry
}

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
    await recordAudit(trx, [firstKey.audit(key)])
    return { project: stored, key }
  })
}
