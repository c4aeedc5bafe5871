import { randomBytes } from 'node:crypto'
import type { MessageInitShape } from '@bufbuild/protobuf'
import type {
  TriggerJobRequest,
  TriggerJobResponseSchema,
} from '@strait/contracts/dispatcher/v1/run_service_pb'
import { canonicalJson } from '@strait/domain/canonical-json'
import { newUuidv7 } from '@strait/domain/ids'
import { Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { CreateRun } from '../create-runs.ts'
import { checkTrigger, newRun } from '../domain/admit-trigger.ts'
import type { JobConfig } from '../domain/job-config.ts'
import { whyNotTaken } from '../domain/may-create.ts'
import type { NewRun, RunRecord } from '../domain/run.ts'
import { runTraceparent } from '../domain/traceparent.ts'
import type { Db } from '../store/db.ts'
import { findRunByKey } from '../store/existing-runs.ts'
import { findRun } from '../store/find-run.ts'
import type { LiveJobs } from '../wire/live-jobs.ts'
import { jobTakesNoRun, noSuchJob, versionNotReached } from './job-refusals.ts'
import { toRunMessage } from './run-codec.ts'

/** What triggering needs. */
export interface TriggerJobDeps {
  readonly db: Db
  readonly jobs: LiveJobs
  readonly createRun: CreateRun
  readonly maxPayloadBytes: number
}

type Answer = MessageInitShape<typeof TriggerJobResponseSchema>

/** RunService.TriggerJob: a run of a job, durable when the answer is there. */
export function triggerJob(deps: TriggerJobDeps) {
  return async (request: TriggerJobRequest, call: Call): Promise<Answer> => {
    const faults = checkTrigger(request, deps.maxPayloadBytes)
    if (request.job === '')
      faults.unshift({ field: 'job', description: 'is required: the id or the slug of a job' })
    if (faults.length > 0) throw refuseFields('FIELD_INVALID', faults)
    const { projectId } = call.caller
    const job = await deps.jobs.resolve(projectId, request.job, request.minVersion)
    if (job === undefined) throw noSuchJob()
    if (job.config.version < request.minVersion)
      throw versionNotReached(job.config.version, request.minVersion)
    const run = toNewRun(job.config, request, call)
    const refused = whyNotTaken(job, 'manual')
    if (refused !== undefined) {
      // A run that exists is answered whatever changed since: its caller asks again for what it was promised.
      const earlier = await byKey(run)
      if (earlier === undefined) throw jobTakesNoRun(refused)
      return answerEarlier(run, earlier)
    }
    const inserted = await deps.createRun(run)
    if (inserted.kind === 'created')
      return { run: toRunMessage(asStored(run, inserted.at)), deduplicated: false }
    return answerEarlier(run, inserted.runId)
  }

  async function byKey({ jobId, idempotencyKey }: NewRun): Promise<string | undefined> {
    return idempotencyKey === undefined ? undefined : findRunByKey(deps.db, jobId, idempotencyKey)
  }

  async function answerEarlier(run: NewRun, earlierId: string): Promise<Answer> {
    const earlier = await findRun(deps.db, run.projectId, earlierId)
    if (earlier === undefined)
      throw new Refusal('UNAVAILABLE', 'the earlier run cannot be read right now, try again')
    return {
      run: toRunMessage(earlier.run),
      deduplicated: true,
      payloadMismatch: differ(earlier.run.payload, run.payload),
    }
  }
}

function toNewRun(job: JobConfig, request: TriggerJobRequest, call: Call): NewRun {
  return newRun(job, {
    id: newUuidv7(),
    payload: request.payload ?? '{}',
    idempotencyKey: request.idempotencyKey,
    metadata: request.metadata,
    tags: request.tags,
    triggeredBy: 'manual',
    createdBy: call.caller.actor,
    occurrence: undefined,
    traceparent: runTraceparent(call.header('traceparent'), randomBytes(24).toString('hex')),
  })
}

/** A run right after it was stored. */
function asStored(run: NewRun, at: Date): RunRecord {
  return {
    ...run,
    status: 'queued',
    attempt: 0,
    resolved: undefined,
    result: undefined,
    error: undefined,
    createdAt: at,
    scheduledAt: at,
    startedAt: undefined,
    finishedAt: undefined,
    nextAttemptAt: undefined,
  }
}

function differ(a: string, b: string): boolean {
  return a !== b && canonicalJson(a) !== canonicalJson(b)
}
