// GetJobGroupStats: what the catalog knows of the jobs, and what the dispatcher counts of their runs, each at its own moment.

import type { Client } from '@connectrpc/connect'
import type { GetJobGroupStatsRequest } from '@strait/contracts/catalog/v1/job_group_service_pb'
import type { DispatcherInternalService } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { Refusal } from '@strait/service-kit/refusal'
import type { Call } from '@strait/service-kit/rpc/rpc-service'
import type { CatalogDb } from '../../store/database.ts'
import { countJobsOfGroup } from '../../store/groups/count-jobs-of-group.ts'
import { requireJobGroup } from './job-group-ref.ts'

/** What counting needs. */
export interface StatsDeps {
  readonly db: CatalogDb
  readonly dispatcher: Pick<Client<typeof DispatcherInternalService>, 'countRuns'>
}

/** As many as the dispatcher takes in one question. */
const maxIds = 10_000

/** Counts the jobs of a group and their unfinished runs. */
export function getJobGroupStats({ db, dispatcher }: StatsDeps) {
  return async (request: GetJobGroupStatsRequest, { caller, signal }: Call) => {
    const { id } = await requireJobGroup(db, caller.projectId, request.group)
    const { ids, ...counts } = await countJobsOfGroup(db, id)
    return { ...counts, ...(await countRuns(dispatcher, ids, signal)) }
  }
}

async function countRuns(dispatcher: StatsDeps['dispatcher'], ids: readonly string[], signal: AbortSignal) {
  let [waitingRuns, executingRuns] = [0n, 0n]
  for (let from = 0; from < ids.length; from += maxIds) {
    const jobIds = ids.slice(from, from + maxIds)
    const { counts } = await dispatcher.countRuns({ jobIds }, { signal }).catch((cause: unknown) => {
      throw new Refusal('UNAVAILABLE', 'the runs cannot be counted right now, try again', { cause })
    })
    for (const { waiting, executing } of counts) {
      waitingRuns += waiting
      executingRuns += executing
    }
  }
  return { waitingRuns, executingRuns }
}
