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

/** Records a change of an environment; `trx` is the transaction that makes it. */
export async function auditEnvironment(
  trx: CatalogDb,
  { action, by, before, after, changedNames }: EnvironmentAudit,
): Promise<void> {
  const subject = after ?? before
  if (subject === undefined) throw new Error('a change is of an environment that was or is there')
  await recordAudit(trx, [
    {
      projectId: subject.projectId,
      actor: by,
      action: `environment.${action}`,
      resourceId: subject.id,
      before: before && toText(before),
      after: after && toText(after, changedNames),
    },
  ])
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
