import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { JobChangeWord } from '../../events.ts'
import { entriesOf } from '../audit-entry.ts'
import { auditText } from '../audit-text.ts'
import { writeJob } from './job-codec.ts'

/** The entry of a change of a job for the audit log. */
export const jobAudit = entriesOf<JobChangeWord, JobRecord>(
  'job',
  (job) => job.projectId,
  (job) => auditText(JobSchema, writeJob(job)),
)
