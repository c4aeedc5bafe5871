import type { AuditEntry } from './record-audit.ts'

/** Who makes a change, and what the audit log says of it, once it is known what was before and is after. */
export interface Audited<T> {
  readonly by: string
  readonly audit: (before: T, after: T) => AuditEntry
}
