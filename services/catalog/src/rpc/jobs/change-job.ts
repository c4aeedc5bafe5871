// Every change of a job's configuration: read the job, lay the change over it, decide, write what was decided on. When somebody
// else's change came first, all of it is done again on what that one left; each turn that is lost was another's change, so the
// turns end.
//
// The job is found by its name once and by its id from then on: a change of its slug side by side is no reason to lose it.

import { newVersionId } from '@strait/domain/ids'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { nextSecretRevision, type SecretChange } from '../../domain/jobs/change-secret.ts'
import { decideVersion, type Wanted } from '../../domain/jobs/decide-version.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import type { JobChangeWord } from '../../events.ts'
import { type SecretToWrite, sealWebhookSecret } from '../../store/jobs/webhook-secrets.ts'
import { writeVersionIfNewest } from '../../store/jobs/write-version.ts'
import { requireWaiting } from '../require-waiting.ts'
import { previewSlug, type SlugPlace, slugTaken } from '../under-free-slug.ts'
import { jobAudit } from './job-audit.ts'
import { writeJob } from './job-codec.ts'
import type { JobDeps } from './job-deps.ts'
import { requireEtag, requireJob, slugPlace } from './job-ref.ts'
import type { Outcome } from './store-new-job.ts'

/** What a job shall be, checked. */
export interface NextJob extends Wanted {
  /** A slug that was asked for is given or refused; one made from the name may be numbered. */
  readonly slugIsChosen: boolean
  readonly secret: SecretChange
}

/** A change of a job. */
export interface JobChange {
  readonly job: string
  readonly change: JobChangeWord
  readonly etag?: string | undefined
  readonly validateOnly?: boolean
  readonly graceSecs?: number
  /** What the job shall be after it was this; refuses what may not be saved. */
  readonly next: (before: JobRecord) => Promise<NextJob>
}

const keepSecret: SecretChange = { to: 'keep' }

/** A configuration that keeps slug and secret and says nothing of compatibility. */
export function keeping(config: Wanted['config']): NextJob {
  return { config, saysCompatible: false, slugIsChosen: true, secret: keepSecret }
}

/** Changes a job of the caller's project. */
export async function changeJob(deps: JobDeps, call: Call, change: JobChange): Promise<Outcome> {
  const { projectId } = call.caller
  const found = await requireJob(deps.db, projectId, change.job)
  return deps.turns(found.id, async (waited) => {
    for (let before = waited ? undefined : found; ; before = undefined) {
      requireWaiting(call)
      before ??= await requireJob(deps.db, projectId, found.id)
      requireEtag(before, change.etag)
      const outcome = await changeOnce(deps, call, change, before)
      if (outcome !== undefined) return outcome
    }
  })
}

/** Undefined where the job, or who has the slug, is no longer what was decided on. */
async function changeOnce(
  deps: JobDeps,
  call: Call,
  { change, next: wanted, validateOnly, graceSecs = 0 }: JobChange,
  before: JobRecord,
): Promise<Outcome | undefined> {
  const { db } = deps
  const place = slugPlace(db, before.projectId, 'patch.slug', before.id)
  const next = await numbered(place, await wanted(before))
  const { secret, slugIsChosen } = next
  const config = {
    ...next.config,
    webhookSecretRevision: nextSecretRevision(before.config.webhookSecretRevision, secret),
  }
  const decision = decideVersion(before.config, { ...next, config })
  if (decision.to === 'keep') return { job: writeJob(before), stored: undefined }
  if (validateOnly === true) {
    await previewSlug(place, { text: config.slug, isChosen: true })
    const webhookSecretSet = secret.to === 'keep' ? before.webhookSecretSet : secret.to === 'replace'
    return { job: writeJob({ ...before, config, webhookSecretSet }), stored: undefined }
  }

  const by = call.caller.actor
  const written = await writeVersionIfNewest(db, before, {
    versionId: newVersionId(),
    config,
    compatible: decision.compatible,
    secret: await sealed(deps, before, secret, graceSecs),
    by,
    audit: (after) => jobAudit(change, by, { before, after }),
  })
  switch (written.to) {
    case 'written':
      return { job: writeJob(written.job), stored: { change, job: written.job } }
    case 'slug taken':
      if (slugIsChosen) throw slugTaken(place, config.slug)
      return undefined
    case 'changed meanwhile':
      return undefined
    default:
      return written satisfies never
  }
}

/** A slug that is made from the name is numbered until it is free, or the one that the job has already. */
async function numbered(place: SlugPlace, next: NextJob): Promise<NextJob> {
  if (next.slugIsChosen) return next
  const slug = await previewSlug(place, { text: next.config.slug, isChosen: false })
  return { ...next, config: { ...next.config, slug } }
}

async function sealed(
  { db, masterKey }: JobDeps,
  { projectId, id: jobId }: JobRecord,
  secret: SecretChange,
  graceSecs: number,
): Promise<SecretToWrite> {
  if (secret.to !== 'replace') return secret
  return {
    to: 'replace',
    sealed: await sealWebhookSecret(db, masterKey, { projectId, jobId }, secret.secret),
    graceSecs,
  }
}
