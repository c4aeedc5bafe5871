// CreateJob: check everything, seal the secret, store head, version and secret together, tell the followers.
//
// A crash before the commit leaves nothing; one between commit and news leaves a job that followers find by its change.

import type { CreateJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { type JobId, newUuidv7, newVersionId, type ProjectId } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { NewJob } from '../../domain/jobs/check-job.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { recordAudit } from '../../store/audit/record-audit.ts'
import type { CatalogDb } from '../../store/database.ts'
import { isEnvironmentGone } from '../../store/environments/is-environment-gone.ts'
import { isGroupGone } from '../../store/groups/is-group-gone.ts'
import { insertJobIfSlugIsFree } from '../../store/jobs/insert-job.ts'
import { sealWebhookSecret } from '../../store/jobs/webhook-secrets.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import { previewSlug, type SlugPlace, underFreeSlug } from '../under-free-slug.ts'
import { type CheckJobDeps, checkJobInput } from './check-job-input.ts'
import { jobAudit } from './job-audit.ts'
import { readJob, writeJob, writeUnstoredJob } from './job-codec.ts'

/** What creating a job needs. */
export interface CreateJobDeps extends CheckJobDeps {
  readonly masterKey: MasterKey
  /** Tells followers and metrics of a job that was stored; resolves when the followers know it. */
  readonly created: (job: JobRecord) => Promise<void>
}

/** Stores a new job in the caller's project. */
export function createJob(deps: CreateJobDeps) {
  return async (request: CreateJobRequest, { caller, signal }: Call) => {
    const { projectId, actor } = caller
    if (request.job === undefined)
      throw refuseFields('FIELD_INVALID', [{ field: 'job', description: 'is required' }])
    const checked = await checkJobInput(deps, projectId, readJob(request.job))
    if (!checked.ok) throw refuseFields(checked.reason, checked.problems)
    if (request.validateOnly) return { job: await preview(deps.db, projectId, checked.job) }
    const job = await store(deps, checked.job, { projectId: projectId as ProjectId, actor, signal })
    await deps.created(job)
    return { job: writeJob(job) }
  }
}

const placeOf = (db: CatalogDb, projectId: string): SlugPlace => ({
  db,
  space: { table: 'jobs', projectId },
  field: 'job.slug',
  another: 'another job',
})

async function preview(db: CatalogDb, projectId: string, { config, slugIsChosen, webhookSecret }: NewJob) {
  const wanted = { text: config.slug, isChosen: slugIsChosen }
  const slug = await previewSlug(placeOf(db, projectId), wanted)
  return writeUnstoredJob({ ...config, slug }, projectId, webhookSecret !== undefined)
}

async function store(
  { db, masterKey }: CreateJobDeps,
  { config, slugIsChosen, webhookSecret }: NewJob,
  { projectId, actor, signal }: { projectId: ProjectId; actor: string; signal: AbortSignal },
): Promise<JobRecord> {
  const id = newUuidv7<JobId>()
  const versionId = newVersionId()
  const sealed =
    webhookSecret === undefined
      ? undefined
      : await sealWebhookSecret(db, masterKey, { projectId, jobId: id }, webhookSecret)
  const wanted = { text: config.slug, isChosen: slugIsChosen }
  return underFreeSlug(placeOf(db, projectId), wanted, signal, async (slug) => {
    const job = { id, projectId, versionId, config: { ...config, slug } }
    const toInsert = { ...job, webhookSecret: sealed, createdBy: actor }
    const insert = async (trx: CatalogDb) => {
      const createdAt = await insertJobIfSlugIsFree(trx, toInsert)
      if (createdAt === undefined) return undefined
      const written = { createdBy: actor, createdAt, updatedBy: actor, updatedAt: createdAt }
      const live = { webhookSecretSet: sealed !== undefined, pausedAt: undefined, deletedAt: undefined }
      const record: JobRecord = { ...job, ...written, ...live, version: 1 }
      await recordAudit(trx, [jobAudit('created', record, { actor })])
      return record
    }
    return db.transaction().execute(insert).catch(refuseGone)
  })
}

function refuseGone(error: unknown): never {
  const gone = isGroupGone(error) ? 'group' : isEnvironmentGone(error) ? 'environment' : undefined
  if (gone === undefined) throw error
  throw refuseFields('FIELD_INVALID', [
    { field: `job.${gone}_id`, description: `names no ${gone} of this project` },
  ])
}
