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
import type { NewRun, RunRecord } from '../domain/run.ts'
import { runTraceparent } from '../domain/traceparent.ts'
import type { Db } from '../store/db.ts'
import { findRun } from '../store/find-run.ts'
import type { JobDirectory } from './job-directory.ts'
import { toRunMessage } from './run-codec.ts'

/** What triggering needs. */
export interface TriggerJobDeps {
  readonly db: Db
  readonly jobs: JobDirectory
  readonly createRun: CreateRun
  readonly maxPayloadBytes: number
}

/** RunService.TriggerJob: a run of a job, durable when the answer is there. */
export function triggerJob(deps: TriggerJobDeps) {
  return async (
    request: TriggerJobRequest,
    call: Call,
  ): Promise<MessageInitShape<typeof TriggerJobResponseSchema>> => {
    const faults = checkTrigger(request, deps.maxPayloadBytes)
    if (request.job === '')
      faults.unshift({ field: 'job', description: 'is required: the id or the slug of a job' })
    if (faults.length > 0) throw refuseFields('FIELD_INVALID', faults)
    const job = await deps.jobs.resolve(call.caller.projectId, request.job)
    if (job === undefined)
      throw new Refusal('JOB_NOT_FOUND', 'there is no such job in this project', {
        violations: [{ field: 'job', description: 'names no job of this project' }],
      })
    const run = newRun(job, {
      id: newUuidv7(),
      payload: request.payload ?? '{}',
      idempotencyKey: request.idempotencyKey,
      metadata: request.metadata,
      triggeredBy: 'manual',
      createdBy: call.caller.actor,
      occurrence: undefined,
      traceparent: runTraceparent(call.header('traceparent'), randomBytes(24).toString('hex')),
    })
    const inserted = await deps.createRun(run)
    if (inserted.kind === 'created')
      return { run: toRunMessage(asStored(run, inserted.at)), deduplicated: false }
    const earlier = await findRun(deps.db, call.caller.projectId, inserted.runId)
    if (earlier === undefined)
      throw new Refusal('UNAVAILABLE', 'the earlier run cannot be read right now, try again')
    return {
      run: toRunMessage(earlier.run),
      deduplicated: true,
      payloadMismatch: differ(earlier.run.payload, run.payload),
    }
  }
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
