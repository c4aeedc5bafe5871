// The JobGroup message and the group, in both directions.

import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type JobGroup as JobGroupMessage, JobGroupSchema } from '@strait/contracts/catalog/v1/job_group_pb'
import { etagOf } from '../../domain/etag.ts'
import type { JobGroupInput } from '../../domain/groups/check-job-group.ts'
import type { JobGroup, JobGroupFields } from '../../domain/groups/job-group.ts'

/** The names of all fields of a group. */
export const jobGroupFields: ReadonlySet<string> = new Set(JobGroupSchema.fields.map((field) => field.name))

/** Reads a group as its creator gave it; what only the catalog may say is ignored. */
export function readJobGroup({ projectId, name, slug, description }: JobGroupMessage): JobGroupInput {
  return { projectId, name, slug, description }
}

/** Writes a stored group. */
export function writeJobGroup(group: JobGroup): JobGroupMessage {
  return create(JobGroupSchema, {
    ...fieldsOf(group),
    id: group.id,
    projectId: group.projectId,
    etag: etagOf(group),
    pausedAt: group.pausedAt && timestampFromDate(group.pausedAt),
    createdBy: group.createdBy,
    createdAt: timestampFromDate(group.createdAt),
    updatedBy: group.updatedBy,
    updatedAt: timestampFromDate(group.updatedAt),
  })
}

/** Writes a group that was checked and not stored. */
export function writeUnstoredJobGroup(group: JobGroupFields, projectId: string): JobGroupMessage {
  return create(JobGroupSchema, { ...fieldsOf(group), projectId })
}

function fieldsOf({ name, slug, description }: JobGroupFields): MessageInitShape<typeof JobGroupSchema> {
  return { name, slug, description }
}
