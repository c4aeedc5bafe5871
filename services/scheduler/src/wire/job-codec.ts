import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import type { ChangedJob } from '../domain/change-schedule.ts'

/** What a schedule is made of, out of a job as the catalog tells it. */
export function fromJobMessage(job: Job): ChangedJob {
  const { cron, timezone } = job
  return {
    id: job.id,
    projectId: job.projectId,
    version: job.version,
    timetable: cron ? { cron, timezone: timezone || 'UTC' } : undefined,
    payload: job.cronPayload ?? '{}',
    // Without a time it is an edit of long ago: its schedule starts from now.
    changedAt: job.updatedAt === undefined ? new Date(0) : timestampDate(job.updatedAt),
  }
}
