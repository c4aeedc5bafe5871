import { EnvironmentSchema } from '@strait/contracts/catalog/v1/environment_pb'
import type { EnvironmentRecord } from '../../domain/environments/environment-record.ts'
import type { AuditEntry } from '../../store/audit/record-audit.ts'
import { type BeforeAndAfter, entriesOf } from '../audit-entry.ts'
import { auditText } from '../audit-text.ts'
import { writeEnvironment } from './environment-codec.ts'
import type { EnvironmentWord } from './environment-ref.ts'

/**
 * The entry of a change of an environment for the audit log: its variables by their names, as it is shown. Which of them changed is told
 * beside it, because the names may be the same before and after.
 */
export function environmentAudit(
  change: EnvironmentWord,
  actor: string,
  {
    changedNames = [],
    ...states
  }: BeforeAndAfter<EnvironmentRecord> & { readonly changedNames?: readonly string[] },
): AuditEntry {
  const entry = entryOf(change, actor, states)
  if (entry.after === undefined || changedNames.length === 0) return entry
  const changed = JSON.stringify(changedNames)
  return { ...entry, after: `${entry.after.slice(0, -1)},"changed_variables":${changed}}` }
}

const entryOf = entriesOf<EnvironmentWord, EnvironmentRecord>(
  'environment',
  (environment) => environment.projectId,
  (environment) => auditText(EnvironmentSchema, writeEnvironment(environment)),
)
