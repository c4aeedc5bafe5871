// How a job that was checked is stored: seal the secret, store head, version, secret and audit entry together. A crash before the
// commit leaves nothing; one between commit and news leaves a job that followers find by its change.

import type { Job } from '@strait/contracts/catalog/v1/job_pb'
import { type JobId, newUuidv7, newVersionId } from '@strait/domain/ids'
import { type Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { NewJob } from '../../domain/jobs/check-job.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { JobChangeWord } from '../../events.ts'
import type { CatalogDb } from '../../store/database.ts'
import { findFreeSlug } from '../../store/find-free-slug.ts'
import { type Belonging, goneBelonging } from '../../store/jobs/gone-belonging.ts'
import { createJobIfSlugIsFree } from '../../store/jobs/insert-job.ts'
import { sealWebhookSecret } from '../../store/jobs/webhook-secrets.ts'
import { previewSlug, underFreeSlug } from '../under-free-slug.ts'
import { jobAudit } from './job-audit.ts'
import { writeJob, writeUnstoredJob } from './job-codec.ts'
import type { JobDeps, StoredChange } from './job-deps.ts'
import { slugPlace } from './job-ref.ts'

/** How a new job comes to be. */
export interface Making {
  readonly change: Extract<JobChangeWord, 'created' | 'cloned'>
  readonly validateOnly: boolean
  /** Where the request names the slug. */
  readonly slugField: string
  /** Where the request names what the job belongs to, or the job that has it. */
  readonly belongingFields: Readonly<Record<Belonging, string>>
}

/** What a method that makes or changes a job answers, and what it stored; nothing with validate_only, or where nothing changed. */
export interface Outcome {
  readonly job: Job
  readonly stored: StoredChange | undefined
}

/** Stores a job that was checked, or answers what would be stored. */
export async function storeNewJob(
  deps: JobDeps,
  checked: NewJob,
  call: Call,
  making: Making,
): Promise<Outcome> {
  const revision = checked.webhookSecret === undefined ? 0 : 1
  const job = { ...checked, config: { ...checked.config, webhookSecretRevision: revision } }
  if (making.validateOnly) return { job: await preview(deps.db, job, call, making), stored: undefined }
  if (job.slugIsChosen) return store(deps, job, call, making)
  return deps.turns(`${call.caller.projectId} ${job.config.slug}`, async (waited) => {
    // Whoever was before has the slug of the name itself.
    const { db } = deps
    const space = { table: 'jobs', projectId: call.caller.projectId } as const
    const first = waited ? await findFreeSlug(db, space, job.config.slug) : job.config.slug
    return store(deps, job, call, making, first)
  })
}

async function preview(
  db: CatalogDb,
  { config, slugIsChosen, webhookSecret }: NewJob,
  { caller: { projectId } }: Call,
  { slugField }: Making,
) {
  const wanted = { text: config.slug, isChosen: slugIsChosen }
  const slug = await previewSlug(slugPlace(db, projectId, slugField), wanted)
  return writeUnstoredJob({ ...config, slug }, projectId, webhookSecret !== undefined)
}

async function store(
  { db, masterKey }: JobDeps,
  { config, slugIsChosen, webhookSecret }: NewJob,
  { caller: { projectId, actor }, signal }: Call,
  { change, slugField, belongingFields }: Making,
  first = config.slug,
): Promise<Outcome> {
  const id = newUuidv7<JobId>()
  const versionId = newVersionId()
  const sealed =
    webhookSecret === undefined
      ? undefined
      : await sealWebhookSecret(db, masterKey, { projectId, jobId: id }, webhookSecret)
  const wanted = { text: config.slug, isChosen: slugIsChosen }
  const job = await underFreeSlug(
    slugPlace(db, projectId, slugField),
    wanted,
    signal,
    (slug) => {
      const toInsert = { id, projectId, versionId, config: { ...config, slug }, webhookSecret: sealed }
      const audit = (after: JobRecord) => jobAudit(change, actor, { after })
      return createJobIfSlugIsFree(db, { ...toInsert, createdBy: actor }, audit).catch((error: unknown) => {
        const gone = goneBelonging(error)
        throw gone === undefined ? error : refuseGone(belongingFields[gone], gone)
      })
    },
    first,
  )
  return { job: writeJob(job), stored: { change, job } }
}

/** The refusal of what was deleted between the check and the save. */
function refuseGone(field: string, what: Belonging): Refusal {
  return refuseFields('FIELD_INVALID', [{ field, description: `names no ${what} of this project` }])
}
