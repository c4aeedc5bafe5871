// BatchCreateJobs and BatchUpdateJobs: each item as its own call would be, so a bad one never spoils a good one. What was stored is
// announced once for all.
//
// Every item is answered with its whole job, so a small request may ask for a very large answer. Once the answer is as large as one may
// be, the items that are left are refused without being looked at.
//
// A fault of ours in one item is that item's answer, without its text, and the log has it: the others are stored and must be
// answered.

import { create, toBinary } from '@bufbuild/protobuf'
import { codeToString } from '@connectrpc/connect/protocol-connect'
import { JobSchema } from '@strait/contracts/catalog/v1/job_pb'
import {
  type BatchCreateJobsRequest,
  type BatchUpdateJobsRequest,
  type JobResult,
  JobResultSchema,
} from '@strait/contracts/catalog/v1/job_service_pb'
import { codeOf, describeRefusal, Refusal, refuseFields } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import { answerTooLarge, maxAnswerBytes } from '../../store/answer-bytes.ts'
import { createOneJob } from './create-job.ts'
import { type JobDeps, type StoredChange, tellStored } from './job-deps.ts'
import { mapBounded } from './map-bounded.ts'
import type { Outcome } from './store-new-job.ts'
import { updateOneJob } from './update-job.ts'

const maxItems = 100
// Each takes a connection of the pool, of which others want some too.
const createdAtOnce = 4

/** Creates jobs, each as CreateJob would. */
export function batchCreateJobs(deps: JobDeps) {
  return async ({ jobs, validateOnly }: BatchCreateJobsRequest, call: Call) =>
    eachItem(deps, call, { field: 'jobs', items: jobs, atOnce: createdAtOnce }, (job) =>
      createOneJob(deps, job, validateOnly, call),
    )
}

/** Changes jobs, each as UpdateJob would; one after the other, because several may be of one job. */
export function batchUpdateJobs(deps: JobDeps) {
  return async ({ requests }: BatchUpdateJobsRequest, call: Call) =>
    eachItem(deps, call, { field: 'requests', items: requests, atOnce: 1 }, (request) =>
      updateOneJob(deps, request, call),
    )
}

interface Batch<T> {
  readonly field: string
  readonly items: readonly T[]
  readonly atOnce: number
}

async function eachItem<T>(
  deps: JobDeps,
  call: Call,
  { field, items, atOnce }: Batch<T>,
  run: (item: T) => Promise<Outcome>,
) {
  if (items.length < 1 || items.length > maxItems)
    throw refuseFields('FIELD_INVALID', [
      { field, description: `must be 1 to ${maxItems} items, not ${items.length}` },
    ])
  const stored: (StoredChange | undefined)[] = []
  let bytes = 0
  const results = await mapBounded(items, atOnce, async (item) => {
    try {
      if (bytes > maxAnswerBytes) throw answerTooLarge('send this item with fewer others')
      const outcome = await run(item)
      bytes += toBinary(JobSchema, outcome.job).byteLength
      stored.push(outcome.stored)
      return create(JobResultSchema, { outcome: { case: 'job', value: outcome.job } })
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) deps.events.itemFailed(thrown)
      return failed(thrown)
    }
  })
  await tellStored(deps, stored, call.caller.actor)
  return { results: [...results] }
}

/** What a caller is told of an item, whatever was thrown: the same as a call of its own would tell. */
function failed(thrown: unknown): JobResult {
  const { reason, message, violations } = describeRefusal(thrown)
  const code = codeToString(codeOf(thrown))
  return create(JobResultSchema, {
    outcome: { case: 'error', value: { code, reason, message, violations: [...violations] } },
  })
}
