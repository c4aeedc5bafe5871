// DiffJobVersions: the fields that differ, in the order of the schema, each value as REST writes it. What a field does that is
// not set is not its value: it stands as null.

import { create } from '@bufbuild/protobuf'
import { type Job, JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { DiffJobVersionsRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { configDefaults, type JobConfig } from '../../domain/jobs/job.ts'
import { diffMessages } from '../diff-messages.ts'
import { inputFields, writeConfig } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'
import { requireJobWithVersions, requireVersion } from './job-ref.ts'

const comparedFields = JobSchema.fields.filter(
  (field) => inputFields.includes(field) || field.name === 'webhook_secret_revision',
)

/** Says in which fields two versions of a job differ. */
export function diffJobVersions({ db }: Pick<JobDeps, 'db'>) {
  return async ({ job, from, to }: DiffJobVersionsRequest, { caller: { projectId } }: Call) => {
    const { id, version } = await requireJobWithVersions(db, projectId, job)
    const after = await requireVersion(db, id, to ?? String(version), 'to')
    const isFirst = from === undefined && after.version === 1
    const before = isFirst
      ? undefined
      : await requireVersion(db, id, from ?? String(after.version - 1), 'from')
    return {
      fromVersionId: before?.versionId ?? '',
      toVersionId: after.versionId,
      changes: diffConfigs(before?.config ?? configDefaults, after.config),
    }
  }
}

/** The changes from one configuration to another, or from as much of one as there is before the first version: the defaults. */
export function diffConfigs(before: Partial<JobConfig>, after: JobConfig) {
  const [was, is] = [before, after].map((config) => create(JobSchema, writeConfig(config))) as [Job, Job]
  return diffMessages(JobSchema, was, is, { fields: comparedFields }).map((change) => ({ ...change }))
}
