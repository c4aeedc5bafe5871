import type { CountRunsRequest } from '@strait/contracts/dispatcher/v1/dispatcher_internal_service_pb'
import { isUuid } from '@strait/domain/ids'
import { refuseFields } from '@strait/service-kit/refusal'
import { countRuns as count } from '../store/count-runs.ts'
import type { Db } from '../store/db.ts'

const maxJobs = 10_000

/** DispatcherInternalService.CountRuns: the unfinished runs of jobs, in one snapshot. */
export function countRuns(db: Db) {
  return async ({ jobIds }: CountRunsRequest) => {
    if (jobIds.length > maxJobs) {
      throw refuseFields('FIELD_INVALID', [
        { field: 'job_ids', description: `must have at most ${maxJobs} entries` },
      ])
    }
    const faults = jobIds.flatMap((id, i) =>
      isUuid(id) ? [] : [{ field: `job_ids[${i}]`, description: 'must be a UUID' }],
    )
    if (faults.length > 0) throw refuseFields('FIELD_INVALID', faults.slice(0, 100))
    const counts = await count(db, jobIds)
    return {
      counts: counts.map(({ waiting, executing }) => ({
        waiting: BigInt(waiting),
        executing: BigInt(executing),
      })),
    }
  }
}
