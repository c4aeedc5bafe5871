// UpdateJob: the change is read once, laid over the job as it is at each turn, and the whole is checked, because fields that
// are right by themselves may not fit each other.

import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import type { UpdateJobRequest } from '@strait/contracts/catalog/v1/job_service_pb'
import { refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { checkMask, etagProblems } from '../../domain/check-mask.ts'
import { decideSecret, type SecretChange } from '../../domain/jobs/change-secret.ts'
import type { JobRecord } from '../../domain/jobs/job.ts'
import { asInput, type JobInput, type Problem } from '../../domain/jobs/job-input.ts'
import { graceProblem } from '../../domain/keys/check-grace.ts'
import { layPatch } from '../../domain/lay-patch.ts'
import { findWebhookSecrets } from '../../store/jobs/webhook-secrets.ts'
import { changeJob, type NextJob } from './change-job.ts'
import { checkJobInput } from './check-job-input.ts'
import { inputFields, readJob } from './job-codec.ts'
import { type JobDeps, tellStored } from './job-deps.ts'
import { requireJobRef } from './job-ref.ts'
import type { Outcome } from './store-new-job.ts'

const defaultGraceSecs = 86_400
const known: ReadonlySet<string> = new Set(JobSchema.fields.map((field) => field.name))

interface Patch {
  readonly values: JobInput
  readonly named: ReadonlySet<keyof JobInput>
}

/** Changes the fields of a job that the mask names. */
export function updateJob(deps: JobDeps) {
  return async (request: UpdateJobRequest, call: Call) => {
    const updated = await updateOneJob(deps, request, call)
    await tellStored(deps, [updated.stored], call.caller.actor)
    return { job: updated.job }
  }
}

/** The same without telling anybody, for a batch, which tells of all at once. */
export async function updateOneJob(deps: JobDeps, request: UpdateJobRequest, call: Call): Promise<Outcome> {
  const job = requireJobRef(request.job)
  const patch = readPatch(request)
  const { etag, validateOnly, webhookSecretGraceSecs: graceSecs = defaultGraceSecs } = request
  const next = (before: JobRecord) => layAndCheck(deps, before, patch)
  return changeJob(deps, call, { job, change: 'updated', etag, validateOnly, graceSecs, next })
}

async function layAndCheck(deps: JobDeps, before: JobRecord, { values, named }: Patch): Promise<NextJob> {
  const checked = await checkJobInput(
    deps,
    before.projectId,
    layPatch(asInput(before.config), values, named),
    'patch',
  )
  if (!checked.ok) throw refuseFields(checked.reason, checked.problems)
  const { config, slugIsChosen, webhookSecret } = checked.job
  const secret = named.has('webhookSecret')
    ? await secretChange(deps, before, webhookSecret)
    : ({ to: 'keep' } as const)
  return { config, slugIsChosen, saysCompatible: named.has('backwardsCompatible'), secret }
}

/** Which secret is there now is read after the job: where it changed in between, the job did too, and all is done again. */
async function secretChange(
  { db, masterKey }: JobDeps,
  { id }: JobRecord,
  wanted: string | undefined,
): Promise<SecretChange> {
  const [secrets] = await findWebhookSecrets(db, masterKey, [id])
  return decideSecret(secrets?.[0], wanted)
}

function readPatch({ patch, updateMask, etag, webhookSecretGraceSecs: graceSecs }: UpdateJobRequest): Patch {
  const problems: Problem[] = [...etagProblems(etag)]
  if (patch === undefined) problems.push({ field: 'patch', description: 'is required' })
  const { paths, problems: inMask } = checkMask(updateMask?.paths, { known, what: 'a job' })
  problems.push(...inMask)
  const problem = graceSecs === undefined ? undefined : graceProblem(graceSecs)
  if (problem !== undefined) problems.push({ field: 'webhook_secret_grace_secs', description: problem })
  if (patch === undefined || problems.length > 0) throw refuseFields('FIELD_INVALID', problems)

  // What only the catalog may say is ignored here too: whoever sends back what was answered may send all of it.
  const named = inputFields.filter((field) => paths.has(field.name)).map((field) => field.localName)
  return { values: readJob(patch), named: new Set(named as (keyof JobInput)[]) }
}
