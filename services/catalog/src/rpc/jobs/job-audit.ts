import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { AuditEntry } from '../../store/audit/record-audit.ts'
import { auditText } from '../audit-text.ts'
import { writeJob } from './job-codec.ts'

/** What the audit log says of a changed job: the job as it is shown, so without its secret. */
export function jobAudit(
  change: string,
  job: JobRecord,
  { actor, before }: { readonly actor: string; readonly before?: JobRecord },
): AuditEntry {
  const text = (record: JobRecord) => auditText(JobSchema, writeJob(record))
  return {
    projectId: job.projectId,
    actor,
    action: `job.${change}`,
    resourceId: job.id,
    before: before && text(before),
    after: text(job),
  }
}
