import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { JobChangeWord } from '../../events.ts'
import type { AuditEntry } from '../../store/audit/record-audit.ts'
import { auditText } from '../audit-text.ts'
import { writeJob } from './job-codec.ts'

/** The entry of a change for the audit log: the job before and after it as REST writes one, in which no secret ever is. */
export function jobAudit(
  change: JobChangeWord,
  actor: string,
  { before, after }: { readonly before?: JobRecord; readonly after?: JobRecord },
): AuditEntry {
  const either = after ?? before
  if (either === undefined) throw new Error('a change has a job before it or after it')
  return {
    projectId: either.projectId,
    actor,
    action: `job.${change}`,
    resourceId: either.id,
    before: before && textOf(before),
    after: after && textOf(after),
  }
}

function textOf(job: JobRecord): string {
  return auditText(JobSchema, writeJob(job))
}
