// What the audit log keeps of an environment: what its owner chose, and of its variables the names. Which of them changed is told, and no
// value before or after.

import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { CatalogDb } from '../database.ts'

/** A change of an environment. */
export interface EnvironmentAudit {
  readonly action: 'created' | 'updated' | 'deleted'
  readonly by: string
  readonly before: EnvironmentRecord | undefined
  readonly after: EnvironmentRecord | undefined
  /** The names whose values changed. */
  readonly changedNames: readonly string[]
}

/** Records changes of environments; `trx` is the transaction that makes them. */
export async function auditEnvironments(trx: CatalogDb, changes: readonly EnvironmentAudit[]): Promise<void> {
  await recordAudit(
    trx,
    changes.flatMap(({ action, by, before, after, changedNames }) => {
      const subject = after ?? before
      if (subject === undefined) return []
      return [
        {
          projectId: subject.projectId,
          actor: by,
          action: `environment.${action}` as const,
          resourceId: subject.id,
          before: before && toText(before),
          after: after && toText(after, changedNames),
        },
      ]
    }),
  )
}

function toText(environment: EnvironmentRecord, changedNames: readonly string[] = []): string {
  const { name, slug, description, parentId, names, variablesRevision } = environment
  return JSON.stringify({
    name,
    slug,
    description,
    parent_id: parentId,
    variable_names: names.variables,
    job_override_names: Object.fromEntries(names.jobOverrides),
    revision: variablesRevision,
    ...(changedNames.length > 0 && { changed_variables: changedNames }),
  })
}
