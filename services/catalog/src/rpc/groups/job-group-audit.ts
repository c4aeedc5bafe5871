import { JobGroupSchema } from '@strait/contracts/catalog/v1/job_group_pb'
import type { JobGroup } from '../../domain/groups/job-group.ts'
import type { ThingChange } from '../../events.ts'
import { entriesOf } from '../audit-entry.ts'
import { auditText } from '../audit-text.ts'
import { writeJobGroup } from './job-group-codec.ts'

/** The entry of a change of a group for the audit log. */
export const jobGroupAudit = entriesOf<ThingChange, JobGroup>(
  'job_group',
  (group) => group.projectId,
  (group) => auditText(JobGroupSchema, writeJobGroup(group)),
)
