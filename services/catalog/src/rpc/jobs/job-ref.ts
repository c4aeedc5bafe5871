// The job and the version that a request names, and the refusals that the methods of JobService share.

import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { Problem } from '../../domain/jobs/job-input.ts'
import { readVersionRef } from '../../domain/version-ref.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findJob } from '../../store/jobs/find-job.ts'
import {
  findJobRecord,
  findJobWithVersions,
  type JobWithVersions,
} from '../../store/jobs/find-job-version.ts'
import { refuseEtag } from '../refuse-etag.ts'
import type { SlugPlace } from '../under-free-slug.ts'

/** The name of a job that a request gives, refused where there is none. */
export function requireJobRef(job: string): string {
  if (job === '') throw refuseFields('FIELD_INVALID', [{ field: 'job', description: 'is required' }])
  return job
}

/** The job that a request names, as it is now; refused where the caller's project has no such job. */
export async function requireJob(db: CatalogDb, projectId: string, job: string): Promise<JobRecord> {
  return (await findJob(db, { projectId, job: requireJobRef(job) })) ?? refuseUnknownJob()
}

/** The job whose versions a request asks for: a deleted one too, by its id. */
export async function requireJobWithVersions(
  db: CatalogDb,
  projectId: string,
  job: string,
): Promise<JobWithVersions> {
  return (await findJobWithVersions(db, projectId, requireJobRef(job))) ?? refuseUnknownJob()
}

/** A version of a job by its number or id; `field` is where the request names it. */
export async function requireVersion(
  db: CatalogDb,
  jobId: string,
  text: string,
  field: string,
): Promise<JobRecord> {
  if (text === '') throw refuseFields('FIELD_INVALID', [{ field, description: 'is required' }])
  const ref = readVersionRef(text)
  const found = ref === undefined ? undefined : await findJobRecord(db, jobId, ref)
  if (found !== undefined) return found
  throw new Refusal('VERSION_NOT_FOUND', 'the job has no such version', {
    violations: [{ field, description: 'is neither the number nor the id of a version of this job' }],
  })
}

/** Refuses a job that the caller's project does not have. */
function refuseUnknownJob(): never {
  throw new Refusal('JOB_NOT_FOUND', 'the project has no such job')
}

/** Refuses a change of a job that is in another version than the caller thinks. */
export function requireEtag({ versionId }: JobRecord, etag: string | undefined): void {
  if (etag !== undefined && etag !== versionId) refuseEtag('job')
}

/** Where the slug of a job is wanted; `field` is where the request names it. */
export function slugPlace(db: CatalogDb, projectId: string, field: string, own?: string): SlugPlace {
  const place = { db, space: { table: 'jobs', projectId }, field, another: 'another job' } as const
  return own === undefined ? place : { ...place, own }
}

/**
 * The same problems where the request does not give the fields itself but names what has them: they are that one's. Fields that the
 * request does give keep their names.
 */
export function problemsOf(
  source: string,
  problems: readonly Problem[],
  given: readonly string[] = [],
): readonly Problem[] {
  return problems.map(({ field, description }) => {
    const name = field.replace(/^job\./, '')
    return given.includes(name)
      ? { field: name, description }
      : { field: source, description: `its ${name} ${description}` }
  })
}
