// DiffJobVersions: the fields that differ, in the order of the schema, each value as REST writes it. What a field does that is
// not set is not its value: it stands as null.

import { create } from '@bufbuild/protobuf'
import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { DiffJobVersionsRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { writeField } from '@strait/service-kit/rest/write-json'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { type AnyConfig, changedFields } from '../../domain/jobs/changed-fields.ts'
import { configDefaults, type JobConfig } from '../../domain/jobs/job.ts'
import { writeConfig } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'
import { requireJobWithVersions, requireVersion } from './job-ref.ts'

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

/** The changes from one configuration to another. */
export function diffConfigs(before: AnyConfig, after: JobConfig) {
  const changed = new Set<string>(changedFields(before, after))
  const [was, is] = [before, after].map((config) => ({
    config,
    message: create(JobSchema, writeConfig(config)),
  }))
  const text = (side: typeof was, name: string, localName: string) =>
    side?.config[localName as keyof JobConfig] === undefined
      ? 'null'
      : writeField(JobSchema, side.message, name)
  return JobSchema.fields
    .filter(({ localName }) => changed.has(localName))
    .map(({ name, localName }) => ({
      field: name,
      before: text(was, name, localName),
      after: text(is, name, localName),
    }))
}
