// CreateJob: check everything, seal the secret, store head, version and secret together, tell the followers.
//
// A slug that was asked for is given or refused. One made from the name is numbered until it is free: each turn that is
// lost was won by another create, so of many creates of one name at once each gets a slug of its own. A crash before the
// commit leaves nothing; one between commit and news leaves a job that followers find by its change.

import type { CreateJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { type JobId, newUuidv7, newVersionId, type ProjectId } from '@strait/domain/ids'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { TargetProblem } from '../../domain/jobs/check-call.ts'
import type { NewJob } from '../../domain/jobs/check-job.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findFreeSlug } from '../../store/find-free-slug.ts'
import { insertJobIfSlugIsFree } from '../../store/jobs/insert-job.ts'
import { sealWebhookSecret } from '../../store/jobs/webhook-secrets.ts'
import type { MasterKey } from '../../store/secrets/secret-box.ts'
import { checkJobInput } from './check-job-input.ts'
import { readJob, writeJob, writeUnstoredJob } from './job-codec.ts'

/** What creating a job needs. */
export interface CreateJobDeps {
  readonly db: CatalogDb
  readonly masterKey: MasterKey
  readonly targetProblem: TargetProblem
  /** Tells followers and metrics of a job that was stored. */
  readonly created: (job: JobRecord) => void
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
    deps.created(job)
    return { job: writeJob(job) }
  }
}

async function preview(db: CatalogDb, projectId: string, { config, slugIsChosen, webhookSecret }: NewJob) {
  const slug = await findFreeSlug(db, projectId, config.slug)
  if (slugIsChosen && slug !== config.slug) throw slugTaken(config.slug)
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
  for (let slug = config.slug; ; slug = await findFreeSlug(db, projectId, config.slug)) {
    if (signal.aborted) throw new Refusal('DEADLINE_EXCEEDED', 'the caller went away; nothing was stored')
    const job = { id, projectId, versionId, config: { ...config, slug } }
    const createdAt = await insertJobIfSlugIsFree(db, { ...job, webhookSecret: sealed, createdBy: actor })
    if (createdAt === undefined) {
      if (slugIsChosen) throw slugTaken(slug)
      continue
    }
    const written = { createdBy: actor, createdAt, updatedBy: actor, updatedAt: createdAt }
    const live = { webhookSecretSet: sealed !== undefined, pausedAt: undefined, deletedAt: undefined }
    return { ...job, ...written, ...live, version: 1 }
  }
}

function slugTaken(slug: string): Refusal {
  return refuseFields('SLUG_TAKEN', [{ field: 'job.slug', description: `another job has the slug ${slug}` }])
}
